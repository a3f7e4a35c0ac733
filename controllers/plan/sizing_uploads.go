package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// defaultTransferThreads is Flink's default of the transfer threads (1.15 to 2.3).
const defaultTransferThreads = 4

// proposeTransferThreads doubles the threads with which each stateful operator uploads its files.
func proposeTransferThreads(v *view) proposal {
	switch {
	case !v.rocksDB():
		return proposal{}
	case v.p.Lever(api.LeverTransferThreads).Action == api.LeverOff:
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, "the policy has remedies.transferThreads Off")}
	}
	now := v.s.Settings.TransferThreads
	threads := defaultTransferThreads
	if now.Known {
		threads = min(now.Value, math.MaxInt32)
	}
	if threads <= 0 {
		return proposal{} // below 0, from 1.20 on: the cluster's io pool uploads (FLINK-35501)
	}
	most := int(min(v.p.Lever(api.LeverTransferThreads).Max, math.MaxInt32))
	if threads >= most {
		return proposal{skip: boundReached(fmt.Sprintf("%d threads are at the policy's bound remedies.transferThreads.max of %d already", threads, most))}
	}
	to := min(2*threads, most)
	c := v.change(api.LeverTransferThreads, keyTransfer, strconv.Itoa(threads), strconv.Itoa(to), now.Origin)
	why := fmt.Sprintf("each operator uploads with %d threads: %d x 2 = %d", threads, threads, 2*threads)
	if to < 2*threads {
		c.Uncapped = strconv.Itoa(2 * threads)
		why += fmt.Sprintf("; the policy allows up to %d", most)
	}
	faster := float64(to) / float64(threads)
	return v.withTimeAtBest(proposal{changes: []model.Change{c}, reason: why}, faster, fmt.Sprintf("with %s times the threads", numberText(faster)))
}

// withTimeAtBest adds a longer timeout, in the same restart, to what makes uploads so many times faster at best, where an upload is known not to be in time even
// then: by itself neither would do. That such a timeout failed alone does not speak against the two together.
func (v *view) withTimeAtBest(p proposal, faster float64, with string) proposal {
	if why := v.stillComing(); why.Refused() {
		return proposal{skip: why}
	}
	now := v.s.Settings.Timeout
	took := v.uploadKnown(now.Value)
	best := times(took, 1/faster)
	if v.d.Counts.Expired == 0 || !now.Known || now.Value <= 0 || best < now.Value {
		return p
	}
	if why := v.timeHelps(); why.Refused() {
		return proposal{skip: why}
	}
	said := fmt.Sprintf("an upload takes %s and at best %s %s, of a timeout of %s", span(took), span(best), with, span(now.Value))
	to, want, sized := v.timeAlong(took, now.Value)
	to = min(to, secondsOf(v.p.Lever(api.LeverCheckpointTimeout).Max))
	if !v.timeMayGoAlong(p.changes[0].Lever) || to <= best {
		return proposal{skip: boundReached(said + ": that alone would still expire, and the policy or the job's code allows no timeout that is longer")}
	}
	c := v.change(api.LeverCheckpointTimeout, keyTimeout, flinkDuration(now.Value), flinkDuration(to), now.Origin)
	if to < want {
		c.Uncapped = flinkDuration(want)
	}
	p.changes = append(p.changes, c)
	p.reason = join(p.reason, said+", so a longer timeout goes along in the same restart: "+orElse(sized, span(to)))
	return p
}

// timeAlong is the timeout for an upload that takes so long, and the one that is wanted. Where not all came late that is what it takes at least, and the rest a
// guess, so that it is bounded by what can be undone; sized says so.
func (v *view) timeAlong(took, timeout time.Duration) (to, want time.Duration, sized string) {
	want = withFactor(took, headroom)
	if v.d.Facts.LateComplete {
		return want, want, ""
	}
	if to, sized = v.withinReplay(took, headroom, withFactor(timeout, v.policyGrowth()), "the policy's factor"); to < want {
		return to, want, sized
	}
	return want, want, ""
}

// timeMayGoAlong tells whether a longer timeout may be written beside another lever: as that one is, and not where the job's code sets it.
func (v *view) timeMayGoAlong(lever api.Lever) bool {
	timeout := v.p.Lever(api.LeverCheckpointTimeout).Action
	_, overridden := v.overridden(keyTimeout)
	return !overridden && timeout != api.LeverOff && (timeout == api.LeverApply || v.p.Lever(lever).Action != api.LeverApply)
}

// uploadKnown is what an upload that expires is known to take at least: what all that came late say, or what else is known; 0 where nothing is.
func (v *view) uploadKnown(timeout time.Duration) time.Duration {
	if v.d.Facts.LateComplete && len(v.d.Facts.LateAcks) > 0 {
		return slices.Max(v.d.Facts.LateAcks)
	}
	return v.needed(timeout).least
}

// proposeIncremental turns incremental checkpoints on, for the state backends that have them.
func proposeIncremental(v *view) proposal {
	now := v.s.Settings.Incremental
	switch {
	case !v.incrementalBackend():
		return proposal{}
	case v.p.Lever(api.LeverIncrementalCheckpoints).Action == api.LeverOff:
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, "the policy has remedies.incrementalCheckpoints Off")}
	case !now.Known:
		return proposal{skip: refuse(api.ReasonSnapshotIncomplete, "whether checkpoints are incremental could not be read")}
	case now.Value:
		return proposal{}
	case v.s.Settings.MaxConcurrent.Value > 1 && v.version.sharedStateBug() != "":
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, fmt.Sprintf("with %d concurrent checkpoints %s can delete shared state of incremental checkpoints on Flink %s",
			v.s.Settings.MaxConcurrent.Value, v.version.sharedStateBug(), v.s.Job.FlinkVersion))}
	}
	// Flink begins anew with the files of an incremental checkpoint: what a full one left is not referred to.
	return v.withTimeAtBest(proposal{
		changes: []model.Change{v.change(api.LeverIncrementalCheckpoints, v.incrementalKey(), "false", "true", now.Origin)},
		reason:  "each checkpoint writes the whole state; incremental ones write what changed since the last",
	}, 1, "in the first incremental checkpoint, which writes the whole state as well")
}

// proposeMoreConcurrent is the runbook's more concurrent checkpoints, and everything that speaks against it. A second one at a time lets the next begin
// while a slow one is under way; it makes none shorter. What expires takes longer than the timeout beside another as well, and longer yet where they share
// the storage's bandwidth or queue behind each other in the subtask. (Written after a timeout that did not suffice, it was undone on a real cluster.)
func proposeMoreConcurrent(v *view) proposal {
	s := &v.s.Settings
	if v.d.Counts.Expired > 0 {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, "checkpoints expire, and a second one at a time makes none shorter: uploads that share the storage's bandwidth, or queue, take longer with it")}
	}
	if why := v.concurrencyHarms(); why != "" {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, why)}
	}
	most := int(min(v.p.Lever(api.LeverMaxConcurrentCheckpoints).Max, math.MaxInt32))
	now := min(s.MaxConcurrent.Value, math.MaxInt32-1)
	if now >= most {
		return proposal{skip: boundReached(fmt.Sprintf("%d at a time is at the policy's bound remedies.maxConcurrentCheckpoints.max of %d already", now, most))}
	}
	why := fmt.Sprintf("%d + 1 = %d checkpoints at a time, so that a slow one does not hold up the next", now, now+1)
	if !v.version.before(1, 18, 0) {
		why += "; since Flink 1.18 each subtask still uploads one after the other (FLINK-34670), so it adds no upload parallelism"
	}
	return proposal{
		changes: []model.Change{v.change(api.LeverMaxConcurrentCheckpoints, keyMaxConcurrent, strconv.Itoa(now), strconv.Itoa(now+1), s.MaxConcurrent.Origin)},
		reason:  why,
	}
}

// concurrencyHarms says what forbids more than one checkpoint at a time.
func (v *view) concurrencyHarms() string {
	s := &v.s.Settings
	switch {
	case !s.MaxConcurrent.Known || s.MaxConcurrent.Value < 1:
		return "the number of concurrent checkpoints in force could not be read"
	case !s.Unaligned.Known || s.Unaligned.Value:
		return "Flink rejects a job with unaligned checkpoints and more than one at a time" + pick(s.Unaligned.Known, "", "; whether they are on could not be read")
	case !s.MinPause.Known || s.MinPause.Value > 0:
		return "a min-pause above 0 and more than one checkpoint at a time exclude each other" + pick(s.MinPause.Known, "", "; min-pause could not be read")
	case v.sharesState() && (!v.version.known || v.version.sharedStateBug() != ""):
		return fmt.Sprintf("with incremental checkpoints, more than one at a time can make Flink %s delete state that is still needed (%s)",
			orElse(v.s.Job.FlinkVersion, "of an unknown version"), orElse(v.version.sharedStateBug(), "FLINK-29913, FLINK-38574"))
	}
	return ""
}

// sharesState tells whether checkpoints share files with one another, or may for all that is known.
func (v *view) sharesState() bool {
	incremental := v.s.Settings.Incremental
	return v.incrementalBackend() && (!incremental.Known || incremental.Value)
}

// proposeWorkaround writes the settings of the known issues that match. Timeout and interval are left out: they have rungs with bounds.
func proposeWorkaround(v *view) proposal {
	var p proposal
	var titles []string
	for _, advisory := range v.d.Facts.Advisories {
		keys := make([]string, 0, len(advisory.Workaround))
		for key := range advisory.Workaround {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		added := false
		for _, key := range keys {
			value := advisory.Workaround[key]
			if !v.worthWriting(p.changes, key, value) {
				continue
			}
			p.changes, added = append(p.changes, v.change(api.LeverAdvisoryWorkarounds, key, v.s.Settings.Cluster[key], value, api.OriginUnknown)), true
		}
		if added {
			titles = append(titles, strings.TrimSpace(advisory.ID+" "+advisory.Title))
		}
		p.notes = append(p.notes, upgradeAdvice(&advisory))
	}
	if len(p.changes) > 0 {
		p.reason = "works around " + strings.Join(titles, " and ")
	}
	return p
}

func (v *view) worthWriting(changes []model.Change, key, value string) bool {
	if key == "" || key == keyTimeout || key == keyInterval || len(changes) >= api.MaxChanges-1 {
		return false
	}
	if now, ok := v.written(key); ok && now == value {
		return false
	}
	return !slices.ContainsFunc(changes, func(c model.Change) bool { return c.Field == key })
}

func upgradeAdvice(a *model.AdvisoryMatch) string {
	text := strings.TrimSpace(a.ID + " " + a.Title)
	if len(a.FixedIn) > 0 {
		text += ": fixed in " + orElse(a.Component, "Flink") + " " + strings.Join(a.FixedIn, ", ")
	}
	return join(text, a.Advice)
}
