package diagnose

import (
	"maps"

	"checkpointhealth.dev/operator/controllers/model"
)

// signatures are what this diagnosis saw, by the names that expressions use. Direct ones are stacks, log lines and measured resources, the
// others are inferred from durations. What was not found and could not be looked for is not among the variables.
var signatures = []struct {
	name   string
	direct bool
	needs  needs
	is     func(*features) bool
}{
	{"oversizedAck", true, needLogs | needDetails | needStacks, func(f *features) bool {
		a := oversizedAck.assess(f)
		return a.finding.Score >= likelyScore // the cause itself: the issue is only why nobody says so
	}},
	{"asyncDominates", false, needDetails, (*features).uploading},
	{"asyncQueue", false, needDetails, func(f *features) bool { return f.upload.queued }},
	{"syncDominates", false, needDetails, func(f *features) bool {
		most := &f.ledger.all.most
		return f.ledger.all.mostly(inSync) && most[inSync] >= most[inAsync]
	}},
	{"residual", false, needDetails, (*features).residualBroad},
	{"barriersWait", false, needDetails, func(f *features) bool { return barriersWait(f).state == present }},
	{"backpressure", true, needPressure, func(f *features) bool { return f.press.upstream >= 0 && f.press.busy >= 0 }},
	{"equalStart", false, needDetails, func(f *features) bool { return f.ledger.equalStart > 0 }},
	{"deletes", true, needJobManagerStacks, func(f *features) bool { return f.threads.pool.hold() }},
	{"gaps", false, needNeighbours | needInterval, func(f *features) bool { return f.gap.suspicious(&f.w) }},
	{"noAcks", false, needDetails, func(f *features) bool { return f.ledger.noAcks }},
	{"sourcesAcknowledged", false, needDetails, (*features).sourcesAcknowledged},
	{"sourcesIdle", true, needStacks, (*features).sourcesIdle},
	{"committer", false, needVertices, func(f *features) bool { return committer(f.s) }},
	{"neverLate", false, needDetails, func(f *features) bool { return f.missing.neverLate() }},
	{"idleStacks", true, needStacks, idleStacks},
	{"waitsForBuffers", true, needStacks | needPressure, func(f *features) bool { return f.threads.buffers > 0 && f.threads.held == 0 && f.press.busy < 0 }},
	{"aborting", true, needStacks, func(f *features) bool {
		n, _, _ := f.threads.find(func(t *taskThread) bool { return t.place == inAbort })
		return n > 0
	}},
	{"uploadStuck", true, needStacks, func(f *features) bool { return f.threads.uploadStuck }},
	{"coordinatorBusy", true, needStacks, func(f *features) bool { return f.threads.coordinator != nil }},
	{"jobManagerHeap", true, needGC, func(f *features) bool { return collects(&f.s.JobManager, f.p) }},
	{"jobManagerCPU", true, needCPU, func(f *features) bool { return cpuHigh(f).state == present }},
	{"jobManagerDied", true, needPods, jobManagerDied},
	{"taskManagerHeap", true, needTaskManagerGC | needPods, taskManagerHeap},
	{"restSlow", true, needRequests, restSlow},
	{"sinkV2", false, needVertices, func(f *features) bool { return sinkV2(f.s) }},
	{"fullyAcknowledged", false, needHistory, func(f *features) bool { return f.ledger.allAcked > 0 }},
	{"storageFails", true, needLogs | needExceptions, storageFails},
	{"restored", false, needHistory, func(f *features) bool { return f.s.Checkpoints.LatestRestored != nil }},
	{"restarts", true, needRestarts, func(f *features) bool { return f.s.Job.Restarts.AtLeast(1) }},
}

// counted and texts are the variables of a signature that are no booleans. Of what stacks and errors say nothing is known where they were not read.
var (
	counted = map[string]func(*features) int64{
		"expired":  func(f *features) int64 { return int64(f.w.counts.Expired) },
		"failed":   func(f *features) int64 { return int64(f.w.counts.Failed) },
		"subtasks": func(f *features) int64 { return int64(f.missing.subtasks) },
	}
	signatureTexts = map[string]struct {
		needs needs
		text  func(*features) string
	}{
		"stack":  {needStacks, stackText},
		"errors": {needLogs | needExceptions, errorText},
	}
)

// sourcesAcknowledged tells whether any subtask of a source acknowledged in time.
func (f *features) sourcesAcknowledged() bool {
	for v := range f.ledger.vertices {
		if f.role(v) == model.RoleSource && f.ledger.vertices[v].inTime > 0 {
			return true
		}
	}
	return false
}

func idleStacks(f *features) bool {
	return f.threads.idle > 0 && f.threads.held == 0 && f.threads.uploads == 0
}

// signatureVars are the variables of a signature that are known.
func signatureVars(f *features) map[string]any {
	vars := make(map[string]any, len(signatures)+len(counted)+len(signatureTexts))
	for i := range signatures {
		sig := &signatures[i]
		if holds := sig.is(f); holds || sig.needs.lacking(f) == "" {
			vars[sig.name] = holds
		}
	}
	for name, count := range counted {
		vars[name] = count(f)
	}
	for name, t := range signatureTexts {
		if text := t.text(f); text != "" || t.needs.lacking(f) == "" {
			vars[name] = text
		}
	}
	return vars
}

// inferredOnly are the variables without what was seen directly.
func inferredOnly(vars map[string]any) map[string]any {
	out, signature := maps.Clone(vars), map[string]any{}
	if all, ok := vars["signature"].(map[string]any); ok {
		signature = maps.Clone(all)
	}
	for i := range signatures {
		if signatures[i].direct {
			signature[signatures[i].name] = false
		}
	}
	for name := range signatureTexts {
		signature[name] = ""
	}
	out["signature"], out["library"] = signature, ""
	return out
}

func namesOfSignatures() []string {
	var names []string
	for i := range signatures {
		names = append(names, signatures[i].name)
	}
	for name := range counted {
		names = append(names, name)
	}
	for name := range signatureTexts {
		names = append(names, name)
	}
	return names
}
