package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// dataSkew: a few subtasks hold most of the bytes, or get most of the records, and the others wait for them.
var dataSkew = rule{
	cause: api.CauseDataSkew,
	rows: []row{
		{"sizes of the subtasks", 50, false, needDetails, func(f *features) sign {
			s := bytesUneven(f)
			s.expected = "alike within a factor of 4"
			return s
		}},
		// Byte for byte the heavy ones are as fast as the others: it is the bytes.
		{"upload rate", 15, false, needDetails, given(bytesUneven, func(f *features) sign {
			k := &f.upload.skew
			if !k.slowRate.Known || !k.othersRate.Known {
				return noRate
			}
			same := 3*k.slowRate.Value >= k.othersRate.Value && k.slowRate.Value <= 3*k.othersRate.Value
			return when(same, rate(k.slowRate.Value)+", the others "+rate(k.othersRate.Value), "the same")
		})},
		// With the bytes spread evenly the checkpoint would have fitted.
		{"an even share", 10, false, needDetails, given(bytesUneven, func(f *features) sign {
			k := &f.upload.skew
			if !k.slowRate.Known || k.slowRate.Value <= 0 {
				return noRate
			}
			seconds := k.mean / k.slowRate.Value
			return when(seconds < f.w.timeout.Seconds(), fmt.Sprintf("%s would take %.1fs", size(k.mean), seconds), "below "+span(f.w.timeout))
		})},
		{"missing subtasks", 10, false, needDetails, given(bytesUneven, func(f *features) sign {
			m := &f.missing
			return when(m.expired > 1 && m.always > 0 && 2*m.always <= m.subtasks, of(m.always, m.subtasks, "subtasks are missing every time"), "")
		})},
		// Records instead of bytes: one subtask is at its limit while its neighbours have time, and elements pass all the while.
		{"busy subtasks", 55, true, needPressure, func(f *features) sign {
			h := &f.hot
			if !h.found || h.pace.one {
				return no
			}
			text := fmt.Sprintf("%d of %d of %s are busy %s, the others %s", h.hot, h.n, f.vertexName(h.vertex), ratio(h.busy), ratio(h.others))
			switch {
			case h.dry:
				s := weighing(35, text+": "+h.moreText(), "alike")
				s.inferred = true
				return s
			case h.pace.many && (h.more >= skewRecords || h.more == 0 && h.others < idleRatio):
				return yes(text+": "+h.moreText(), "alike")
			case f.press.upstream < 0 && (!h.pace.many || !f.lateAlone(h.vertex, h.subtask)):
				return no // nobody waits for it, and others are late as well or nothing tells what it does
			}
			s := weighing(35, text, "alike")
			s.inferred = true
			return s
		}},
		// One element, one call: not many records.
		{"stacks of missing subtasks", -35, true, needStacks, func(f *features) sign {
			n, stuck, first := f.threads.find(func(t *taskThread) bool { return t.vertex == f.press.busiest && t.held() && !t.manyElements() })
			switch {
			case n == 0:
				return stacksOr(f, no)
			case stuck == 0 && !first.sure():
				return yes(describe(f, first), "").once()
			}
			return yes(describe(f, first), "")
		}},
		{"TaskManagers", -40, true, needPressure | needPlacement, func(f *features) sign {
			if !f.hot.found || f.hot.more >= skewFactor {
				return settled // where a process is slow its subtasks take fewer records, not four times as many: the key is what uses it up
			}
			return f.onSickManager(f.hot.vertex)
		}},
		// The heavy ones fit as well, and wait for those of the checkpoint before.
		{"uploads by themselves", -35, false, needDetails, given(bytesUneven, func(f *features) sign {
			return when(f.allFit(), "at most "+span(f.upload.alone)+", the rest is the wait behind the checkpoint before", "more than half the timeout")
		})},
		{"subtasks that write", -40, false, needDetails, func(f *features) sign {
			if h := &f.hot; h.found && h.pace.many && h.more >= skewRecords {
				return settled // it is the records that lie unevenly, whatever uploads take
			}
			slow, writers := f.writers()
			return when(bytesUneven(f).state == absent && writers > 1 && 2*slow > writers, of(slow, writers, "are slow or unfinished: most, not a few"), "")
		}},
	},
	summary: func(f *features) string {
		if f.skewed() {
			return skewText(f) + "; its upload is what the checkpoint waits for"
		}
		h := &f.hot
		text := fmt.Sprintf("%d of %d subtasks of %s are at their limit while the others have time", h.hot, h.n, f.vertexName(h.vertex))
		if h.pace.many {
			text += " (" + h.moreText() + ")"
		}
		return text
	},
	next: "records and state size by subtask (numRecordsIn, checkpointed size), and the heaviest keys",
	advice: func(*features) []string {
		return []string{"Spread the heavy keys: a salt in the key with a second aggregation, or a key that does not default to one value (null, 0, empty)."}
	},
}

// skewRecords is how many times the records of the median of its neighbours a hot subtask takes at least: twice as much is what an even spread of
// few keys still brings, and then the others are busy, too.
const skewRecords = 2

// moreText is what the hot subtask works off, against its neighbours.
func (h *hotspot) moreText() string {
	text := fmt.Sprintf("subtask %d takes %s", h.subtask, h.pace.text())
	switch {
	case h.dry:
		text += ", and nothing reaches the median of the others: the input has fewer partitions than there are subtasks"
	case h.none:
		text += ", the median of the others none"
	case h.more > 0:
		text += fmt.Sprintf(", %.1f times as many as the median of the others", h.more)
	}
	return text
}

// skewFactor is how many times the median of the others a heavy subtask writes. Key groups differ by a tenth or two by chance; with few keys by
// a factor of two; four is no chance.
const skewFactor = 4

// skewed tells whether a few subtasks, half of them at most, hold most of the bytes.
func (f *features) skewed() bool {
	k := &f.upload.skew
	return k.known && 2*k.heavy <= k.total && k.largest >= skewFactor*k.others && k.largest >= minRateBytes
}

// bytesUneven looks for a few subtasks that hold most of the bytes. What subtasks that never reported would write is not known without an earlier
// checkpoint that tells.
func bytesUneven(f *features) sign {
	switch {
	case f.skewed():
		return heavyOnes(f)
	case !f.ledger.known:
		return missing(model.GapCheckpointDetails)
	case f.upload.skew.unknown && !f.upload.skew.known:
		return sign{state: unknownSign, missing: "what the missing subtasks write, as a completed checkpoint tells"}
	}
	return no
}

// heavyOnes asks whether uploads are at work where the heavy ones never reported.
func heavyOnes(f *features) sign {
	k, t := &f.upload.skew, &f.threads
	switch {
	case k.silent && t.known && t.uploads == 0:
		return settled // they were looked at, and nobody uploads
	case (k.atLeast || k.silent) && (t.uploads == 0 || t.held > 0):
		return missing(model.GapThreadDumps)
	case k.atLeast:
		return weighing(40, skewText(f), "")
	}
	return yes(skewText(f), "")
}

func skewText(f *features) string {
	k := &f.upload.skew
	if k.atLeast {
		return fmt.Sprintf("subtask %d of %s is still writing after %s at the pace of the others, which wrote %s", k.subtask, f.vertexName(k.vertex), size(k.largest), size(k.others))
	}
	return fmt.Sprintf("subtask %d of %s writes %s, the others %s", k.subtask, f.vertexName(k.vertex), size(k.largest), size(k.others))
}
