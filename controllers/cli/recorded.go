package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/recording"
)

// checkJobs refuses a recording of several jobs of which none is picked: their answers would make one mixed job.
func checkJobs(archive *recording.Recording, selector observe.Selector) error {
	jobs := archive.Jobs()
	if selector != (observe.Selector{}) || len(jobs) < 2 {
		return nil
	}
	const most = 5
	names := namesOf(archive)
	var texts []string
	for _, id := range jobs[:min(len(jobs), most)] {
		texts = append(texts, strings.TrimSpace(names[id]+" "+id))
	}
	if more := len(jobs) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return fmt.Errorf("it holds answers about %d jobs: %s; name one with --job", len(jobs), strings.Join(texts, ", "))
}

// recordedJob makes the whole id of the beginning of one; what is the name of a recorded job stays a name.
func recordedJob(archive *recording.Recording, selector observe.Selector) (observe.Selector, error) {
	if selector.IDPrefix == "" {
		return selector, nil
	}
	var found []string
	names := namesOf(archive)
	for _, id := range archive.Jobs() {
		if names[id] == selector.Name {
			return observe.Selector{Name: selector.Name}, nil
		}
		if strings.HasPrefix(id, selector.IDPrefix) {
			found = append(found, strings.TrimSpace(names[id]+" "+id))
		}
	}
	switch len(found) {
	case 0:
		return observe.Selector{Name: selector.Name}, nil
	case 1:
		return observe.Selector{ID: found[0][strings.LastIndexByte(found[0], ' ')+1:]}, nil
	}
	return selector, fmt.Errorf("--job %q is the beginning of the ids of %d jobs: %s; give more of it", selector.Name, len(found), strings.Join(found, ", "))
}

// namesOf are the names of jobs by their ids, as the recorded lists of jobs tell them.
func namesOf(archive *recording.Recording) map[string]string {
	names := map[string]string{}
	for _, e := range archive.Entries() {
		if e.Path != "/jobs/overview" || e.Status != 200 {
			continue
		}
		var list struct {
			Jobs []struct{ Jid, Name string } `json:"jobs"`
		}
		if json.Unmarshal(e.Body, &list) != nil {
			continue
		}
		for _, job := range list.Jobs {
			if len(job.Name) <= 200 {
				names[job.Jid] = job.Name
			}
		}
	}
	return names
}

// Looks that are a hole apart tell nothing of what was between them: longer than any interval in which somebody watches, and ten times what is
// usual in the recording.
const (
	leastHole  = 10 * time.Minute
	holeFactor = 10
)

// holesBetween are the gaps between looks at which nobody looked, as a gap of the recording.
func holesBetween(passes []time.Time) []model.Gap {
	var between []time.Duration
	for i := 1; i < len(passes); i++ {
		between = append(between, passes[i].Sub(passes[i-1]))
	}
	if len(between) == 0 {
		return nil
	}
	usual := slices.Clone(between)
	slices.Sort(usual)
	least := max(leastHole, holeFactor*usual[(len(usual)-1)/2])
	if len(usual) == 1 {
		least = leastHole
	}
	var gaps []model.Gap
	for i, d := range between {
		if d >= least {
			gaps = append(gaps, model.Gap{Kind: model.GapRecording, Signal: "anything from " + clock(passes[i]) + " to " + clock(passes[i+1]),
				Why: fmt.Sprintf("the recording has a hole of %s there", d.Round(time.Second))})
		}
	}
	return gaps
}

// brokenOff is the gap of a recording that ends in the middle.
func brokenOff(archive *recording.Recording) []model.Gap {
	if archive.BreaksOff() == "" {
		return nil
	}
	return []model.Gap{{Kind: model.GapRecording, Signal: "anything after " + clock(archive.End()), Why: archive.BreaksOff()}}
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05 UTC") }

// versionsSeen notes where Flink's version changes from one look to the next: what was before is another program's behaviour.
type versionsSeen struct {
	last string
	gaps []model.Gap
}

func (v *versionsSeen) see(s *model.Snapshot) {
	version := s.Job.FlinkVersion
	if version == "" {
		return
	}
	if v.last != "" && v.last != version {
		v.gaps = append(v.gaps, model.Gap{Kind: model.GapRecording, Signal: "how the job did on Flink " + version + " before " + clock(s.At),
			Why: "until then the recording is of Flink " + v.last})
	}
	v.last = version
}
