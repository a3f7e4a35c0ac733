// Command golangci-lint is golangci-lint with kube-api-linter compiled in as a
// module plugin, so that one binary lints the whole project.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	// Registers the linter "kubeapilinter" as a module plugin.
	_ "sigs.k8s.io/kube-api-linter"
)

func main() {
	if err := commands.Execute(buildInfo()); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "golangci-lint stopped: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}

// buildInfo names the versions that are compiled in; golangci-lint keys its
// cache by them.
func buildInfo() commands.BuildInfo {
	info := commands.BuildInfo{Version: "unknown", Commit: "none", Date: "none", GoVersion: "unknown"}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	info.GoVersion = build.GoVersion
	for _, dep := range build.Deps {
		switch dep.Path {
		case "github.com/golangci/golangci-lint/v2":
			info.Version = dep.Version
		case "sigs.k8s.io/kube-api-linter":
			info.Commit = "with kube-api-linter " + dep.Version
		}
	}
	return info
}
