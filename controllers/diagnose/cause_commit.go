package diagnose

import (
	"fmt"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// commitBlocksTask: notifyCheckpointComplete of one checkpoint still runs in the task's thread when the next one comes.
var commitBlocksTask = rule{
	cause: api.CauseCommitBlocksTask,
	rows: []row{
		{"stacks of missing subtasks", 60, true, needStacks, func(f *features) sign {
			n, stuck, first := f.threads.find(commits)
			if n == 0 {
				return stacksOr(f, no)
			}
			text := fmt.Sprintf("%d of %d: %s", n, len(f.threads.tasks), describe(f, first))
			switch {
			case stuck > 0:
			case f.committing():
				return inferred(yes(text+", as a dump of another checkpoint shows it", "idle"))
			default:
				s := yes(text, "idle").once()
				s.inferred = committersLate(f).state != present
				return s
			}
			return yes(text+", at the same spot in two dumps", "idle")
		}},
		// A commit runs after each completed checkpoint and after no other: who comes late to the next one only then was in it, wherever it is when we look.
		{"start after completed checkpoints", 50, true, needStacks | needDetails, func(f *features) sign {
			for v := range f.s.Vertices {
				a, n := f.lateAfterCompleted(v), f.threads.committed[v]
				text := fmt.Sprintf("%s begins up to %s late, %d times of those that follow a completed checkpoint and never else", f.vertexName(v), span(a.most), a.late)
				switch {
				case a.late == 0 || n == 0 && (a.others == 0 || a.late == 1 && !f.writes(v) || f.role(v) == model.RoleSource): // a source may be told late as well
				case n == 1 && a.others == 0:
					continue // where each follows a completed one that is no sign, and one dump catches anybody
				case n == 0 || a.late == 1 && a.others == 0:
					return inferred(weighing(25, text, "at once"))
				default:
					return yes(fmt.Sprintf("%s; dumps of %d checkpoints show it in a commit", text, n), "at once")
				}
			}
			return no
		}},
		{"other vertices", 15, false, needStacks | needDetails, func(f *features) sign {
			if n, _, _ := f.threads.find(commits); n == 0 || f.commitsInPassing() {
				return no
			}
			return when(f.onlyBehind(commits), "all acknowledged in time, only committers and what is behind them are missing", "")
		}},
		// It may be over in the newest dump, and holds up each checkpoint that follows a completed one all the same.
		{"stacks of earlier checkpoints", 40, true, needStacks, func(f *features) sign {
			if n, _, _ := f.threads.find(commits); n > 0 {
				return no
			}
			for v := range f.s.Vertices {
				if n := f.threads.committed[v]; n > 1 {
					return inferred(yes(fmt.Sprintf("missing subtasks of %s in a commit in dumps of %d checkpoints", f.vertexName(v), n), "none"))
				} else if n > 0 {
					return inferred(weighing(25, "missing subtasks of "+f.vertexName(v)+" in a commit in dumps of one checkpoint", "none"))
				}
			}
			return no
		}},
		// They came to the barrier late although nothing before them was, and were quick then.
		{"start of the last vertices", 25, false, needDetails, committersLate},
		// After a completed checkpoint there is a commit, after an expired one there is none.
		{"onset", 10, false, needStacks, func(f *features) sign {
			n, _, _ := f.threads.find(commits)
			return when(n > 0 && f.w.counts.Completed > 0 && f.w.counts.Expired > 0, "expiries follow checkpoints that completed", "")
		}},
		// Whoever is neither in a commit nor behind one waits for something else, and a commit that one dump shows may be over in a moment.
		{"other missing subtasks", -30, true, needStacks, func(f *features) sign {
			text := of(f.othersIdle(commits), len(f.threads.tasks), "are idle with no commit before them")
			if f.commitsInPassing() && f.mayBeReached() {
				return weighing(15, text+", which says little of a young checkpoint or where a dump of another one shows it too", "")
			}
			return when(f.commitsInPassing(), text, "")
		}},
		{"back pressure", -30, true, needStacks | needPressure, func(f *features) sign {
			p := &f.press
			n, _, _ := f.threads.find(commits)
			if n > 0 {
				return settled
			}
			return when(p.upstream >= 0 && p.busy >= 0, f.vertexName(p.busy)+" is busy with records", "")
		}},
		{"stacks of missing subtasks", -30, true, needStacks, func(f *features) sign {
			n, _, first := f.threads.find(f.flushes)
			if committing, _, _ := f.threads.find(commits); committing > 0 { // another one flushes, which is a trouble of its own
				return settled
			}
			if n == 0 {
				return stacksOr(f, no)
			}
			return yes(describe(f, first), "")
		}},
	},
	summary: func(f *features) string {
		n, _, first := f.threads.find(commits)
		for v := range f.s.Vertices {
			if a := f.lateAfterCompleted(v); n == 0 && a.late > 0 && (a.others > 0 || f.threads.committed[v] > 0) {
				return fmt.Sprintf("%s still commits the checkpoint before when the next one comes, and begins it up to %s late", f.vertexName(v), span(a.most))
			}
			if m := f.threads.committed[v]; n == 0 && m > 0 {
				return fmt.Sprintf("dumps of %d checkpoints show %s in a commit of the one before", m, f.vertexName(v))
			}
		}
		if n == 0 {
			return "the last vertices come to the barrier up to " + span(f.ledger.all.most[inStart]) + " late although nothing before them does"
		}
		text := fmt.Sprintf("%d of %d missing subtasks still commit the checkpoint before", n, len(f.threads.tasks))
		if name := first.names(); name != "" {
			text += " to " + name
		}
		return text
	},
	next: "how long one commit takes (the connector's log or metrics), against the interval; whether it grows with the table's history",
	advice: func(*features) []string {
		return []string{
			"A longer interval gives the commit its time; at least as long as one commit takes.",
			"Make commits shorter: expire old snapshots and manifests of the table, fewer and larger files, fewer partitions per commit.",
		}
	},
}

// committersLate tells whether the last vertices came late to a barrier that was there in time.
func committersLate(f *features) sign {
	k := f.where(inStart)
	if k.sinks == 0 || k.all() > k.sinks || f.where(inResidual).sinks > 0 || !f.mayCommit() {
		return detailsOr(f, no)
	}
	return yes("up to "+span(f.ledger.all.most[inStart])+", on committers only", f.limitText())
}

func commits(t *taskThread) bool { return t.place == inCommit }

// mayCommit tells whether any vertex that comes late holds more than the writer of a sink: a writer alone is told of no completed checkpoint
// (SinkWriterOperator), its committer is.
func (f *features) mayCommit() bool {
	for v := range f.ledger.vertices {
		name := f.s.Vertices[v].Name
		if f.ledger.vertices[v].mostly(inStart) && (strings.Contains(name, "->") || !strings.HasSuffix(name, ": Writer")) {
			return true
		}
	}
	return false
}
