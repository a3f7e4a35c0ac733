package score

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// rulePaths hold what a verdict depends on, below the root of the repository.
var rulePaths = []string{"api", "controllers"}

// Rules is the commit that the rules below root are of. Rules that are not committed are an error: nobody could repeat what they said.
func Rules(ctx context.Context, root string) (string, error) {
	changed, err := git(ctx, root, append([]string{"status", "--porcelain", "--"}, rulePaths...)...)
	if err != nil {
		return "", err
	}
	if changed != "" {
		first, _, _ := strings.Cut(changed, "\n")
		return "", fmt.Errorf("the rules are not as they were committed (%s): want them committed before a first look", strings.TrimSpace(first))
	}
	return git(ctx, root, "rev-parse", "HEAD")
}

// git is what git prints, without the line's end.
func git(ctx context.Context, root string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, text)
	}
	return text, nil
}
