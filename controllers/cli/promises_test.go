package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
)

// README's promise holds of advice as of a remedy: of no recording in which nothing comes late and no upload moves is a longer timeout said to help. Where one
// came late, as in network-loss, it may be.
func TestNoLongerTimeoutWhereNothingComesLate(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const promise = "never proposes a longer timeout, nor names one as *Advice*, where the same subtasks stay missing, no late acknowledgement ever comes and nothing shows " +
		"that an upload moves; where one comes late and others never do, it may."
	if !strings.Contains(strings.Join(strings.Fields(string(readme)), " "), promise) {
		t.Errorf("README does not promise: %s", promise)
	}
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	policy := model.ResolvePolicy("", nil)
	for name, silent := range map[string]bool{
		"1.20.5/never-acks": true, "1.20.5/oversized-ack": true, "1.17.2/backpressure": true, "1.20.5/network-congestion": true, "1.20.5/network-loss": false,
	} {
		pass, err := replayed(context.Background(), doctor, &policy, load(t, name), "")
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(pass.Decision.Advice, "\n")
		if r := pass.Decision.Remedy; r != nil {
			for i := range r.Changes {
				said += "\n" + r.Changes[i].Field + ": " + r.Changes[i].To
			}
		}
		facts := &pass.Diagnosis.Facts
		if got := facts.NeverLate && !facts.UploadMoves; got != silent {
			t.Errorf("%s: nothing comes late and no upload moves: %t, want %t", name, got, silent)
		}
		if longer := strings.Contains(said, "execution.checkpointing.timeout: "); longer == silent {
			t.Errorf("%s: a longer timeout is said to help: %t\n%s", name, longer, said)
		}
	}
}
