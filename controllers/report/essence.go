package report

import (
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// essenceRoom is enough for two essences of a healthy job; longer ones grow.
const essenceRoom = 2048

// essence is what a status says, without the figures that move on their own, as a text to compare. It is made at every poll of every job:
// appended to what the caller has, without formatting.
func essence(room []byte, s *api.CheckpointHealthStatus) []byte {
	e := gist(room)
	e.number(s.ObservedGeneration)
	e.say(s.Target, string(s.Health), string(s.Cause), string(s.Mode), s.LastRemedy, string(s.LastOutcome))
	e.time(s.UnhealthySince)
	// Written at all, suspended or not, with something to watch or not, and whether the cause is borne only.
	e.flags(len(s.Assessment) > 0, suspendedNow(s.Assessment), watched(s.Assessment), borneNow(s.Assessment))
	e.annotations(s.Assessment)
	for i := range s.Conditions {
		c := &s.Conditions[i]
		e.say(c.Type, string(c.Status), c.Reason)
		e.number(c.ObservedGeneration)
		if steadyMessage(c) {
			e.figureless(c.Message)
		}
	}
	e.say(s.Job.ID, s.Job.Name, s.Job.State, s.Job.FlinkVersion)
	// Only whether something expired or failed: the counts themselves move as checkpoints enter and leave the history.
	c := &s.Checkpoints
	e.flags(c.Window != nil, positive(c.Expired), positive(c.Failed), positive(c.ConsecutiveExpired))
	e.settings(&s.Settings)
	e.baseline(&s.Baseline)
	e.diagnoses(s.Diagnoses)
	e.time(s.NetworkProbe.StartTime)
	e.time(s.NetworkProbe.FinishedTime)
	e.recommendation(&s.Recommendation)
	for i := range s.Remediations {
		r := &s.Remediations[i]
		e.say(r.ID, string(r.Outcome), r.Message)
		e.time(r.FinishedTime)
	}
	return e
}

// gist collects what is compared; a zero byte ends each part, so that no two parts run together.
type gist []byte

func (g *gist) say(parts ...string) {
	for _, p := range parts {
		*g = append(append(*g, p...), 0)
	}
}

func (g *gist) number(n int64) { *g = append(strconv.AppendInt(*g, n, 10), 0) }

func (g *gist) flags(all ...bool) {
	for _, f := range all {
		*g = append(strconv.AppendBool(*g, f), 0)
	}
}

func (g *gist) time(t *metav1.Time) {
	if t != nil {
		*g = t.UTC().AppendFormat(*g, time.RFC3339)
	}
	*g = append(*g, 0)
}

// figureless says a text with its figures masked: a number with what follows it directly, as in 9m52s, 1.1, 10.0.0.7:6122 or
// 2026-07-28T02:14:00Z, becomes one #.
func (g *gist) figureless(text string) {
	inside := false
	for i := range len(text) {
		c := text[i]
		digit := c >= '0' && c <= '9'
		if inside && (digit || figureTail(c)) {
			continue
		}
		if inside = digit; digit {
			c = '#'
		}
		*g = append(*g, c)
	}
	*g = append(*g, 0)
}

// figureTail tells whether a character may follow a digit inside of a figure.
func figureTail(c byte) bool {
	switch c {
	case '.', ':', '%', '-':
		return true
	}
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// steadyMessage tells whether a condition's message is worth a write of its own: the ones that tell a user what to change.
func steadyMessage(c *metav1.Condition) bool {
	switch c.Type {
	case api.ConditionReady, api.ConditionStalled:
		return true
	case api.ConditionConfigAligned, api.ConditionRemediating:
		return c.Status == metav1.ConditionFalse
	}
	return false
}

func positive(n *int32) bool { return n != nil && *n > 0 }

func (g *gist) settings(s *api.SettingsStatus) {
	for _, v := range [...]*api.SettingStatus{
		&s.Timeout, &s.Interval, &s.MinPause, &s.MaxConcurrent, &s.Unaligned, &s.Incremental, &s.CheckpointStorage, &s.JobManagerCPU, &s.JobManagerMemory,
	} {
		g.say(v.Value, string(v.Origin), v.Source, v.OverriddenBy)
	}
}

// diagnoses tells the first cause and the ones that are likely besides; the order of the rest moves with the evidence.
func (g *gist) diagnoses(all []api.Diagnosis) {
	for i := range all {
		d := &all[i]
		if i == 0 || d.Verdict == api.VerdictConfirmed || d.Verdict == api.VerdictLikely {
			g.say(string(d.Cause), string(d.SubCause), string(d.Verdict))
		}
	}
}

func (g *gist) recommendation(r *api.Recommendation) {
	g.flags(r.Summary != "") // advice may have nothing else
	g.say(r.Hash, string(r.Cause), string(r.Cost))
	for i := range r.Changes {
		g.say(r.Changes[i].Field, r.Changes[i].From, r.Changes[i].To, r.Changes[i].Uncapped)
	}
	g.say(r.WhyNotNow.Reason)
	for _, reason := range r.HeldBy {
		g.say(reason)
	}
	switch r.WhyNotNow.Reason {
	case api.ReasonPaused, api.ReasonLookedAfterByAnother, api.ReasonStopSwitch, api.ReasonOwnedByOtherManager, api.ReasonDryRunRefused, api.ReasonWriteFailed:
		// What a person or another program said: worth a write where it is something else.
		g.figureless(r.WhyNotNow.Message)
	}
}
