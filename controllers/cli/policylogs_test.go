package cli

import (
	"net/http"
	"testing"

	"checkpointhealth.dev/operator/controllers/testkit"
)

// A policy that turns logs off is kept to on the command line as well; one that reads them through the Kubernetes API has Flink asked, for there is
// no cluster behind a URL.
func TestThePolicySaysWhetherLogsAreRead(t *testing.T) {
	for _, test := range []struct {
		logs  string
		reads bool
	}{{`"Off"`, false}, {"Flink", true}, {"Kubernetes", true}} {
		har, now := recorded(t, "1.20.5/slow-storage")
		server := testkit.NewFlinkServer(t)
		server.ServeRecording(har)
		asked := 0
		server.On("/jobmanager/logs", func(w http.ResponseWriter, r *http.Request) {
			asked++
			testkit.JSON(http.StatusOK, `{"logs":[]}`)(w, r)
		})
		s := newShell(t, now)
		s.run(t, "diagnose", server.URL, "--for", "5s", "--policy", writeFile(t, "policy.yaml", "signals: {logs: "+test.logs+"}\n"))
		if (asked > 0) != test.reads {
			t.Errorf("signals.logs %s: %d requests for logs; stderr %q", test.logs, asked, s.err.String())
		}
	}
}
