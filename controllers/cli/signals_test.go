package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// endpoints are the REST paths of each signal that recordings hold. Without the checkpoint statistics themselves nothing is judged.
var endpoints = []struct {
	kind  model.GapKind
	paths *regexp.Regexp
}{
	{model.GapCheckpointDetails, regexp.MustCompile(`/checkpoints/details/`)},
	{model.GapThreadDumps, regexp.MustCompile(`/thread-dump$`)},
	{model.GapJobManagerMetrics, regexp.MustCompile(`/jobmanager/metrics$`)},
	{model.GapTaskManagerMetrics, regexp.MustCompile(`/taskmanagers/[^/]+/metrics$`)},
	{model.GapTaskManagers, regexp.MustCompile(`/taskmanagers$`)},
	{model.GapVertices, regexp.MustCompile(`/jobs/[0-9a-f]+$`)},
	{model.GapBackpressure, regexp.MustCompile(`/backpressure$`)},
	{model.GapExceptions, regexp.MustCompile(`/exceptions$`)},
	{model.GapLogs, regexp.MustCompile(`manager[^/]*(/[^/]+)?/logs?(/|$)`)},
	{model.GapConfiguration, regexp.MustCompile(`/(jobmanager|checkpoints)/config$`)},
	{model.GapClassPath, regexp.MustCompile(`/jobmanager/environment$`)},
}

// gateway lets all through but some paths, which it says are not there.
type gateway struct {
	player *recording.Player
	closed *regexp.Regexp
	refuse int
}

func (g *gateway) RoundTrip(request *http.Request) (*http.Response, error) {
	if !g.closed.MatchString(request.URL.Path) {
		return g.player.RoundTrip(request)
	}
	g.refuse++
	return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(nil)), Request: request}, nil
}

// verdictOf is the first cause and how sure it is.
func verdictOf(d *model.Diagnosis) (cause string, sure api.Verdict) {
	if top := d.Top(); top != nil {
		return fullName(top), top.Verdict
	}
	return labelNone, ""
}

// changes counts what becomes of the verdicts without a signal.
type changes struct {
	asked, same, weaker  int
	undetermined, unseen []string
}

func (c *changes) row(kind model.GapKind) string {
	return fmt.Sprintf("| %s | %d | %d | %d | %s | %s |", kind, c.asked, c.same, c.weaker, named(c.undetermined), named(c.unseen))
}

func named(all []string) string {
	if len(all) == 0 {
		return "–"
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// TestWithoutASignalNoVerdictBecomesWrong: every recording is asked again through a gateway that keeps one signal back. A cause may become less
// sure or Undetermined, and what only warns of a risk may not be seen; another cause is never named, a job whose checkpoints fail never called
// healthy, a healthy one never sick. The table of what changes is in docs/signals.md.
func TestWithoutASignalNoVerdictBecomesWrong(t *testing.T) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		t.Fatal(err)
	}
	policy := model.ResolvePolicy("", nil)
	files, err := findRecordings([]string{recordings})
	if err != nil || len(files) < 50 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	tables := make([]changes, len(endpoints))
	for _, file := range files {
		archive, err := recording.Load(file.path)
		if err != nil {
			t.Fatal(err)
		}
		full := diagnosedWithout(t, archive, regexp.MustCompile(`^$`), doctor, &policy, nil)
		for i := range endpoints {
			tables[i].compare(t, file.name, string(endpoints[i].kind), full,
				diagnosedWithout(t, archive, endpoints[i].paths, doctor, &policy, &tables[i]))
		}
	}
	var rows strings.Builder
	for i := range endpoints {
		rows.WriteString(tables[i].row(endpoints[i].kind) + "\n")
	}
	holdTable(t, rows.String())
}

// update writes what tests compare anew, for a change of rules that moves verdicts: go test ./controllers/cli -update.
var update = flag.Bool("update", false, "write golden texts and the table of docs/signals.md anew")

// measuredTable is the table that the test writes: six cells, of which four are counts.
var measuredTable = regexp.MustCompile(`(?m)(^\| [^|\n]+ \| \d+ \| \d+ \| \d+ \| [^|\n]* \| [^|\n]* \|\n)+`)

// holdTable compares docs/signals.md with what was measured.
func holdTable(t *testing.T, rows string) {
	t.Helper()
	const name = "../../docs/signals.md"
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		page = measuredTable.ReplaceAllLiteral(page, []byte(rows))
		if err := os.WriteFile(name, page, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(page), rows) {
		t.Errorf("docs/signals.md does not hold what was measured; if it is right: go test ./controllers/cli -update\n%s", rows)
	}
}

func diagnosedWithout(t *testing.T, archive *recording.Recording, closed *regexp.Regexp, doctor Doctor, policy *model.Policy, table *changes) *model.Diagnosis {
	t.Helper()
	player := archive.Player()
	through := &gateway{player: player, closed: closed}
	snapshots, err := replayThrough(context.Background(), archive, player, through, observe.Selector{}, judge(doctor, policy))
	if err != nil || len(snapshots) == 0 {
		t.Fatalf("%d snapshots, %v", len(snapshots), err)
	}
	if table != nil && through.refuse > 0 {
		table.asked++
	}
	last := &snapshots[len(snapshots)-1]
	found := doctor.Diagnose(last, policy, last.At)
	return &found
}

// count counts a cause that stays: as sure as before, or less.
func (c *changes) count(before, after api.Verdict) {
	if after == before || before == api.VerdictLikely && after == api.VerdictConfirmed {
		c.same++
		return
	}
	c.weaker++
}

// compare holds a verdict without a signal against the one with all.
func (c *changes) compare(t *testing.T, name, kind string, full, less *model.Diagnosis) {
	t.Helper()
	want, sure := verdictOf(full)
	got, less2 := verdictOf(less)
	switch {
	case less.Health == api.HealthUnknown:
		c.undetermined = append(c.undetermined, name)
	case full.Health == api.HealthAtRisk && less.Health == api.HealthHealthy:
		c.unseen = append(c.unseen, name) // all its checkpoints complete: what warns of worse is what was withheld
	case (full.Health == api.HealthHealthy) != (less.Health == api.HealthHealthy):
		t.Errorf("%s without %s: %s becomes %s: %s", name, kind, full.Health, less.Health, less.Message)
	case got == want:
		c.count(sure, less2)
	case got == string(api.CauseUndetermined):
		c.undetermined = append(c.undetermined, name)
	default:
		t.Errorf("%s without %s: %s instead of %s", name, kind, got, want)
	}
}
