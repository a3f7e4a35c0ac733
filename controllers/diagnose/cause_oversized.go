package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// oversizedAck: an acknowledgement larger than an RPC frame is dropped by the remoting layer without a word to the JobManager (up to
// Flink 2.3, FLINK-39738). Its subtask is done and idle, and missing for ever.
var oversizedAck = rule{
	cause: api.CauseOversizedAck,
	rows: []row{
		{"TaskManager logs", 50, true, needLogs, func(f *features) sign {
			s := f.words.logs[model.LogOversizedPayload]
			if s == nil {
				return no
			}
			text := fmt.Sprintf("%d oversized payloads discarded", s.Count) + f.ago(s.Last)
			if s.Detail != "" {
				text += " (" + bounded(s.Detail, 80) + ")"
			}
			return yes(text, "none")
		}},
		{"missing subtasks", 35, false, needDetails, silentSubtasks},
		{"stacks of missing subtasks", 25, true, needStacks | needDetails, func(f *features) sign {
			t := &f.threads
			if !t.quiet() || silentSubtasks(f).state != present {
				return no
			}
			return yes(of(t.idle, len(t.tasks), "are idle: their snapshot is done"), "")
		}},
		{"size of an acknowledgement", 10, false, needConfiguration, func(f *features) sign {
			set := &f.s.Settings
			if !set.FrameSize.Known || !set.InlineThreshold.Known || set.FrameSize.Value <= 0 {
				return missing(model.GapConfiguration)
			}
			return when(2*set.InlineThreshold.Value >= set.FrameSize.Value, "state of up to "+size(float64(set.InlineThreshold.Value))+
				" travels in it, a frame holds "+size(float64(set.FrameSize.Value)), "well below the frame")
		}},
		{"late acknowledgements", -60, false, needDetails, func(f *features) sign { return when(f.missing.lateSeen, "there are some: messages do get through", "") }},
		{"stacks of missing subtasks", -50, true, needStacks, func(f *features) sign {
			if f.threads.uploads > 0 {
				return yes(fmt.Sprintf("%d asynchronous parts still at work", f.threads.uploads), "")
			}
			return workingStacks(f)
		}},
		{"acknowledgements", -50, false, needDetails, func(f *features) sign {
			return when(f.ledger.noAcks, "none of any subtask, sources included: nothing was triggered", "")
		}},
		{"back pressure", -30, false, needPressure, func(f *features) sign {
			return when(f.press.anyPressure >= highPressure || f.press.busiest >= 0, "barriers may wait: back pressure "+ratio(f.press.anyPressure)+
				", busy "+ratio(f.press.anyBusy), "")
		}},
	},
	summary: func(f *features) string {
		text := of(f.missing.silent, f.missing.subtasks, "subtasks never acknowledge, not even late, although they are done")
		if s := f.words.logs[model.LogOversizedPayload]; s != nil {
			text += fmt.Sprintf("; %d oversized messages were discarded", s.Count)
			if s.Detail != "" {
				text += " (" + bounded(s.Detail, 80) + ")"
			}
		}
		return text
	},
	next: `the TaskManagers' logs: "OversizedPayloadException: Discarding oversized payload" names the size of the message and of the frame`,
	advice: func(*features) []string {
		return []string{
			"Raise pekko.framesize (akka.framesize up to Flink 1.17) above the size in the log, on JobManager and TaskManagers.",
			"Or make the acknowledgement smaller: a lower execution.checkpointing.data-inline-threshold, fewer and larger SST files (state.backend.rocksdb.manual-compaction.min-interval, 1.20+).",
		}
	},
}

// silentSubtasks: the same subtasks never report in several expired checkpoints, and for all of them the barrier went past: a vertex behind
// acknowledged. For a last vertex nothing tells that, so that it counts less.
func silentSubtasks(f *features) sign {
	m := &f.missing
	if !f.ledger.known {
		return missing(model.GapCheckpointDetails)
	}
	if m.expired < 2 || m.silent == 0 || m.lateSeen || m.silent != m.ever || f.ledger.noAcks {
		return no
	}
	passed, last, all := f.gotBarriers()
	if !all {
		return no
	}
	text := of(m.silent, m.subtasks, fmt.Sprintf("never reported in %d expired checkpoints, always the same", m.expired))
	if passed == 0 && last > 0 || f.cut { // what is cut short might have come late
		return weighing(20, text, "")
	}
	return yes(text+"; the vertices behind acknowledged", "")
}

// gotBarriers counts the vertices with silent subtasks by how sure it is that they got their barriers: passed where a vertex behind acknowledged,
// last where there is none behind and all before acknowledged. all is false where one may still wait for its barrier.
func (f *features) gotBarriers() (passed, last int, all bool) {
	for v := range f.ledger.vertices {
		switch {
		case f.ledger.vertices[v].never == 0:
		case f.missing.passed[v]:
			passed++
		case f.leaf(v) && f.missing.roots[v]:
			last++
		default:
			return passed, last, false
		}
	}
	return passed, last, true
}
