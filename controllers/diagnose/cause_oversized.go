package diagnose

import (
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// oversizedAck: an acknowledgement larger than an RPC frame is dropped by the remoting layer without a word to the JobManager (up to
// Flink 2.3, FLINK-39738). Its subtask is done and idle, and missing for ever.
var oversizedAck = rule{
	cause: api.CauseOversizedAck,
	rows: []row{
		{"logs", 50, true, needLogs, func(f *features) sign {
			s := f.words.logs[model.LogOversizedPayload]
			if s == nil {
				return no
			}
			text := fmt.Sprintf("%d oversized payloads discarded", s.Count) + f.ago(s.Last)
			if s.Detail != "" {
				text += " (" + payload(s.Detail) + ")"
			}
			return yes(text, "none")
		}},
		{"missing subtasks", 35, false, needDetails, silentSubtasks},
		{"stacks of missing subtasks", 25, true, needStacks | needDetails, func(f *features) sign {
			if !f.done() || silentSubtasks(f).state != present {
				return no
			}
			return yes(of(f.threads.idle, len(f.threads.tasks), "are idle")+", none is held or uploads: their snapshot is done", "")
		}},
		{"size of an acknowledgement", 30, false, needConfiguration, func(f *features) sign {
			set := &f.s.Settings
			if !set.FrameSize.Known || !set.InlineThreshold.Known || set.FrameSize.Value <= 0 {
				return missing(model.GapConfiguration)
			}
			if s := f.nearFrame(); s.state == present {
				return s
			}
			if 2*set.InlineThreshold.Value < set.FrameSize.Value {
				return no
			}
			return weighing(10, "state of up to "+size(float64(set.InlineThreshold.Value))+" travels in it, a frame holds "+size(float64(set.FrameSize.Value)),
				"well below the frame")
		}},
		{"late acknowledgements", -60, false, needDetails, func(f *features) sign {
			if f.words.logs[model.LogOversizedPayload] != nil {
				return settled // some do, and some were seen to be dropped
			}
			return when(f.missing.lateSeen, "there are some: messages do get through", "")
		}},
		{"stacks of missing subtasks", -50, true, needStacks, func(f *features) sign {
			if f.words.logs[model.LogOversizedPayload] != nil && f.threads.idle > 0 {
				return settled // whoever is at work is another trouble, beside one that was seen
			}
			if f.threads.uploads > 0 {
				return yes(fmt.Sprintf("%d asynchronous parts still at work", f.threads.uploads), "")
			}
			return workingStacks(f)
		}},
		{"acknowledgements", -50, false, needDetails, func(f *features) sign {
			return when(f.ledger.noAcks, "none of any subtask, sources included: nothing was triggered", "")
		}},
		{"back pressure", -30, false, needPressure, func(f *features) sign {
			if f.words.logs[model.LogOversizedPayload] != nil {
				return settled // whoever is busy is another trouble, beside one that was seen
			}
			if passed, last, all := f.gotBarriers(); all && passed > 0 && last == 0 {
				return settled // their barriers are past, and those behind acknowledged
			}
			return when(f.press.anyPressure >= highPressure || f.press.busiest >= 0, "barriers may wait: back pressure "+ratio(f.press.anyPressure)+
				", busy "+ratio(f.press.anyBusy), "")
		}},
	},
	summary: func(f *features) string {
		text := of(max(f.missing.silent, f.missing.growing), f.missing.subtasks, "subtasks never acknowledge, not even late, although they are done")
		if s := f.words.logs[model.LogOversizedPayload]; s != nil {
			text += fmt.Sprintf("; %d oversized messages were discarded", s.Count)
			if s.Detail != "" {
				text += " (" + payload(s.Detail) + ")"
			}
		}
		return text
	},
	next: `the line "OversizedPayloadException: Discarding oversized payload" of the logs, which names the size of the message and of the frame; where it was seen, ` +
		`a thread dump while a checkpoint is pending: the missing subtasks are done`,
	nextSeen: func(f *features) string {
		if f.words.logs[model.LogOversizedPayload] == nil {
			return ""
		}
		return "a thread dump while a checkpoint is pending: the missing subtasks are done"
	},
	advice: func(f *features) []string { return []string{largerFrame(f), smallerAck(f)} },
}

// payload is what Flink logs of a message that was discarded, without the class of it: the frame's size and the message's.
func payload(detail string) string {
	frame, class, ok := strings.Cut(detail, " of encoded class ")
	_, size, found := strings.Cut(class, " was ")
	if !ok || !found {
		return bounded(detail, 80)
	}
	return frame + " " + size
}

// silentSubtasks: the same subtasks never report in several expired checkpoints, or more and more of them as their state grows, and for all of them the
// barrier went past: a vertex behind acknowledged. For a last vertex nothing tells that, so that it counts less. So it does where each expiry restarts
// the job, for what is cut short might have come late; but not where those that are missing are seen to be done and others on the same TaskManagers
// have acknowledged: the way is the same.
func silentSubtasks(f *features) sign {
	m := &f.missing
	if !f.ledger.known {
		return missing(model.GapCheckpointDetails)
	}
	if f.ledger.noAcks || !m.keepsSilent() || f.acknowledgesNow() {
		return no
	}
	passed, last, all := f.gotBarriers()
	if !all {
		return no
	}
	text := of(m.silent, m.subtasks, fmt.Sprintf("never reported in %d expired checkpoints, always the same", m.expired))
	if m.silent < m.ever {
		text = of(m.growing, m.subtasks, fmt.Sprintf("did not report in the newest of %d expired checkpoints, more each time", m.expired))
	}
	if passed == 0 && last > 0 || f.mayBeOnTheWay() {
		return weighing(20, text, "")
	}
	return yes(text+"; the vertices behind acknowledged", "")
}

// acknowledgesNow tells whether a subtask that never reported in an expired checkpoint has acknowledged the one in progress: its message does get through.
func (f *features) acknowledgesNow() bool {
	for i := range f.profile {
		if now := f.profile[i].c; now.Status == model.CheckpointInProgress {
			return slices.ContainsFunc(f.expiredOnes(), func(c *model.Checkpoint) bool {
				for key := range neverReported(c) {
					v, subtask := subtaskOf(key)
					if e := entryOf(now, v, subtask); e != nil && e.Reported {
						return true
					}
				}
				return false
			})
		}
	}
	return false
}

// mayBeOnTheWay tells whether an acknowledgement might have come if the expiry had not restarted the job.
func (f *features) mayBeOnTheWay() bool { return f.cut && (!f.done() || !f.othersOnTheWay()) }

// keepsSilent tells whether whoever did not acknowledge in several expired checkpoints never did later: always the same, or more each time.
func (m *missingSet) keepsSilent() bool {
	if m.expired < 2 || m.lateSeen {
		return false
	}
	return m.silent > 0 && m.silent == m.ever || m.grows && m.growing > 0 && m.growing == m.ever
}

// done tells whether the missing subtasks were looked at and are done: none is held or uploads, and each is idle or, its barrier being sent, at its next
// records.
func (f *features) done() bool {
	t := &f.threads
	if !t.known || len(t.tasks) == 0 || t.held > 0 || t.buffers > 0 || t.uploads > 0 {
		return false
	}
	busy, _, _ := t.find(func(t *taskThread) bool { return !t.free() })
	return busy == 0
}

// othersOnTheWay tells whether on each TaskManager with missing subtasks others have acknowledged the newest sick checkpoint.
func (f *features) othersOnTheWay() bool {
	acknowledged, missing := map[string]bool{}, map[string]bool{}
	for v := range f.s.Vertices {
		for i, id := range f.s.Vertices[v].Placement {
			if f.missing.now[subtaskKey(v, i)] {
				missing[id] = true
			} else {
				acknowledged[id] = true
			}
		}
	}
	for id := range missing {
		if id == "" || !acknowledged[id] {
			return false
		}
	}
	return len(missing) > 0
}

// nearFrame compares what the missing subtasks held when they acknowledged last with the frame: from a quarter of it on, for state may have grown since,
// up to all of it, for what is larger was not inside. Those of the same vertices that do acknowledge hold less than they. State below the threshold is
// not uploaded at all, so that no slow upload explains the same.
func (f *features) nearFrame() sign {
	frame := f.s.Settings.FrameSize.Value
	least, most, others := int64(-1), int64(0), int64(0)
	for v, n := range f.missing.nowByVertex {
		if n == 0 {
			continue
		}
		for _, e := range completedEntries(f.s, v) {
			if !f.missing.now[subtaskKey(v, e.Index)] {
				others = max(others, e.StateSize)
				continue
			}
			most = max(most, e.StateSize)
			if least < 0 || e.StateSize < least {
				least = e.StateSize
			}
		}
	}
	if 4*least < frame || least > frame || others >= least {
		return no
	}
	text := "the missing ones held " + size(float64(least)) + " or more when they acknowledged last, the others " + size(float64(others)) +
		" at most, and a frame holds " + size(float64(frame))
	if inline := f.s.Settings.InlineThreshold.Value; most < inline {
		return yes(text+"; state of up to "+size(float64(inline))+" is not uploaded", "well below the frame")
	}
	return weighing(20, text, "well below the frame")
}

// gotBarriers counts the vertices with silent subtasks by how sure it is that they got their barriers: passed where a vertex behind acknowledged,
// last where there is none behind and all before acknowledged, or where all sources did and whoever is missing is seen to be idle. all is false where one may still wait for its barrier.
func (f *features) gotBarriers() (passed, last int, all bool) {
	for v := range f.ledger.vertices {
		switch {
		case f.ledger.vertices[v].never == 0:
		case f.missing.passed[v]:
			passed++
		case f.leaf(v) && f.missing.roots[v] || f.done() && f.sourcesInTime():
			last++
		default:
			return passed, last, false
		}
	}
	return passed, last, true
}

// sourcesInTime tells whether all sources acknowledged in time, every time: the barriers are behind them.
func (f *features) sourcesInTime() bool {
	sources := 0
	for v := range f.ledger.vertices {
		if sum := &f.ledger.vertices[v]; f.role(v) == model.RoleSource {
			sources++
			if sum.missing() > 0 || sum.total == 0 {
				return false
			}
		}
	}
	return sources > 0
}
