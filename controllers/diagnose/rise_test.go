package diagnose

import (
	"slices"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// took are completed checkpoints that took so many seconds, the oldest first.
func took(oldestFirst ...float64) []model.Checkpoint {
	var all []model.Checkpoint
	for _, d := range slices.Backward(oldestFirst) {
		all = append(all, completed(seconds(d)))
	}
	return all
}

// growing are n durations from one on, each so many times the one before.
func growing(n int, from, times float64) []float64 {
	all := []float64{from}
	for len(all) < n {
		all = append(all, all[len(all)-1]*times)
	}
	return all
}

// What grows in order and would reach the timeout of 600 s is a risk long before it takes half of it; what spreads, jumps once, levels off or is far away is
// none. The job's own past tells nothing of it: it grew along.
func TestWhatGrowsInOrderIsARisk(t *testing.T) {
	for _, tt := range []struct {
		name    string
		took    []float64
		earlier []float64 // what the history has lost, the oldest first
		want    api.Health
	}{
		{"8 % a checkpoint", growing(20, 50, 1.08)[10:], growing(20, 50, 1.08)[:10], api.HealthAtRisk},
		{"as much with each", []float64{132, 144, 156, 168, 180, 192, 204, 216, 228, 240}, []float64{60, 72, 84, 96, 108, 120}, api.HealthAtRisk},
		{"it grows and spreads a little", []float64{105, 112, 102, 142, 135, 180, 168, 210, 240, 232}, []float64{75, 90, 82}, api.HealthAtRisk},
		{"5 % a checkpoint over thirty", growing(30, 60, 1.05)[20:], growing(30, 60, 1.05)[:20], api.HealthAtRisk},
		{"in steps", []float64{122, 120, 121, 120, 121, 180, 181, 182, 180, 181}, []float64{30, 31, 30, 31, 30, 60, 61, 62, 60, 61, 62, 90, 91, 92, 90, 91}, api.HealthAtRisk},
		{"of ten alone nothing is said", growing(10, 75, 1.08), nil, api.HealthHealthy},
		{"of ten alone 3 % a checkpoint is no more than a level", growing(10, 145, 1.03), nil, api.HealthHealthy},
		{"it spreads", []float64{120, 200, 90, 220, 130, 210, 100, 190, 230, 140}, nil, api.HealthHealthy},
		{"one long one", []float64{150, 150, 150, 150, 150, 150, 150, 150, 280, 150}, nil, api.HealthHealthy},
		{"a level and another one", []float64{100, 102, 99, 101, 100, 160, 158, 161, 159, 160}, nil, api.HealthHealthy},
		{"state fills a window", []float64{40, 90, 130, 155, 172, 184, 192, 197, 200, 202}, nil, api.HealthHealthy},
		{"it grows, far from the timeout", growing(10, 10, 1.08), nil, api.HealthHealthy},
		{"it shrinks", []float64{280, 260, 240, 220, 200, 180, 160, 140, 130, 125}, nil, api.HealthHealthy},
		{"too few to tell", growing(7, 110, 1.08), nil, api.HealthHealthy},
	} {
		s := add(jobOf(2), took(tt.took...)...)
		for _, d := range slices.Backward(tt.earlier) {
			s.Checkpoints.Earlier = append(s.Checkpoints.Earlier, seconds(d))
		}
		s.Past.HealthyDuration = seconds(tt.took[len(tt.took)/2])
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, d.Health, d.Message, tt.want)
		}
	}
}

// In how many checkpoints one takes the timeout: by as much with each, or by the same share where they grow faster and faster.
func TestHowFarARiseIsFromTheTimeout(t *testing.T) {
	for name, tt := range map[string]struct {
		row  []float64
		want int
	}{
		"10 s with each, 340 s to go": {[]float64{170, 180, 190, 200, 210, 220, 230, 240, 250, 260}, 34},
		"a tenth more with each":      {growing(10, 120, 1.1), 16}, // by 21 s with each
		"beyond it":                   {growing(10, 400, 1.1), 1},
	} {
		w := window{timeout: 10 * time.Minute}
		for _, d := range slices.Backward(tt.row) {
			w.row[w.long] = seconds(d)
			w.long++
		}
		if r := riseOf(w.row[:w.long], w.timeout); r.left < tt.want-1 || r.left > tt.want+1 {
			t.Errorf("%s: %d, want about %d", name, r.left, tt.want)
		}
	}
}

// A failure ends the row: what was before is another story. A job that is at risk stays so where the end has moved a little.
func TestTheRowOfARise(t *testing.T) {
	s := add(jobOf(2), slices.Concat(took(growing(5, 110, 1.08)...), times(1, expired()), took(growing(5, 75, 1.08)...))...)
	s.Checkpoints.Earlier = []time.Duration{seconds(70)}
	if f := featuresOf(t, s); f.w.long != 5 || f.w.rise.to > 0 {
		t.Errorf("the row is %d long and %+v", f.w.long, f.w.rise)
	}
	for past, want := range map[api.Health]bool{api.HealthHealthy: false, api.HealthAtRisk: true} {
		w := window{timeout: 10 * time.Minute}
		for i := range 14 { // 31 more, by 11 s each
			d := 258 - 11*float64(i)
			w.row[w.long] = seconds(d)
			w.long++
		}
		if got := findRise(&w, past).to > 0; got != want {
			t.Errorf("after %s: %v, want %v", past, got, want)
		}
	}
}

// The checkpoints at the end of a rise show where the time goes, so that the cause is named long before one expires.
func TestTheCauseOfARiseIsNamedBeforeAnExpiry(t *testing.T) {
	var row []model.Checkpoint
	for _, d := range slices.Backward(growing(20, 50, 1.08)[10:]) {
		row = append(row, detailed(completed(seconds(d)), 4, shares{all(quick), all(entry(1<<20, d-1, 0.1, 0.1, 0.2, 0.1)), all(quick)}))
	}
	s := add(jobOf(4), row...)
	for _, d := range slices.Backward(growing(20, 50, 1.08)[:10]) {
		s.Checkpoints.Earlier = append(s.Checkpoints.Earlier, seconds(d))
	}
	s.Past.HealthyDuration = seconds(110)
	press(s, source, 0.95, 0.02)
	press(s, state, 0, 0.99)
	d := diagnosed(t, s)
	if top := d.Top(); d.Health != api.HealthAtRisk || top == nil || top.Cause != api.CauseBackpressure || top.Score < likelyScore {
		t.Errorf("%s (%s): %+v", d.Health, d.Message, top)
	}
}

// Where something holds barriers up for seconds and lets them pass for a moment in between, triggers that had queued up drain back to back: they are one
// completed checkpoint, and most of the history is quick.
func TestWhatDrainsBackToBackIsNoRecovery(t *testing.T) {
	drained := func(sick ...model.Checkpoint) *model.Snapshot {
		s := add(jobOf(2), slices.Concat(times(4, completed(seconds(3))), sick, times(4, completed(seconds(3))))...)
		for i := range 4 { // within a second, behind the sick one
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * 200 * time.Millisecond)
		}
		return s
	}
	for name, tt := range map[string]struct {
		s    *model.Snapshot
		want api.Health
	}{
		"two expired":                    {drained(times(2, expired())...), api.HealthUnhealthy},
		"one expired, one late":          {drained(expired(), completed(seconds(400))), api.HealthAtRisk},
		"one expired: accident":          {drained(expired()), api.HealthHealthy},
		"an interval apart":              {add(jobOf(2), slices.Concat(times(4, completed(seconds(3))), times(2, expired()))...), api.HealthHealthy},
		"three of ten took half":         {add(jobOf(2), took(310, 3, 3, 3, 320, 3, 3, 330, 3, 3)...), api.HealthAtRisk},
		"two of ten took three quarters": {add(jobOf(2), took(3, 3, 460, 3, 3, 3, 3, 470, 3, 3)...), api.HealthAtRisk},
		"two of ten took half":           {add(jobOf(2), took(3, 3, 310, 3, 3, 3, 3, 310, 3, 3)...), api.HealthHealthy},
	} {
		if d := diagnosed(t, tt.s); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", name, d.Health, d.Message, tt.want)
		}
	}
}

// strained is a job whose JobManager's JVM uses what it may have, whose REST API answers late and whose checkpoints take so many seconds, where the
// quickest of its run took two.
func strained(load float64, answers time.Duration, took float64) *model.Snapshot {
	s := add(jobOf(4), times(10, completed(seconds(took)))...)
	s.JobManager.CPUUsage, s.JobManager.CPULimit, s.JobManager.CPULoad = model.Measure{}, model.Measure{}, model.Measured(load)
	s.Requests = model.RequestTimes{Count: 30, Median: answers, Max: 3 * answers}
	s.Checkpoints.Summary.Min = seconds(2)
	return s
}

// Without its limit a JobManager short of CPU is told by three things that go together, long before checkpoints take half the timeout; each by itself, or two
// of them, say nothing.
func TestAJobManagerShortOfCPUIsSeenEarly(t *testing.T) {
	d := diagnosed(t, strained(0.97, 300*time.Millisecond, 70))
	if top := d.Top(); d.Health != api.HealthAtRisk || top.Cause != api.CauseJobManagerOverload || top.SubCause != api.SubCauseCPU || top.Score < likelyScore {
		t.Errorf("%s (%s): %+v", d.Health, d.Message, top)
	}
	for name, s := range map[string]*model.Snapshot{
		"load is low":           strained(0.3, 300*time.Millisecond, 70),
		"answers are quick":     strained(0.97, 90*time.Millisecond, 70),
		"checkpoints are quick": strained(0.97, 300*time.Millisecond, 40),
		"the limit is known": func() *model.Snapshot {
			s := strained(0.97, 300*time.Millisecond, 70)
			s.JobManager.CPUUsage, s.JobManager.CPULimit = model.Measured(0.4), model.Measured(1)
			return s
		}(),
		"they always took as long": func() *model.Snapshot {
			s := strained(0.97, 300*time.Millisecond, 70)
			s.Checkpoints.Summary.Min = seconds(60)
			return s
		}(),
	} {
		if d := diagnosed(t, s); d.Health != api.HealthHealthy {
			t.Errorf("%s: %s (%s)", name, d.Health, d.Message)
		}
	}
}

// A subtask that never reports and is idle, with no upload anywhere, is not waited for by its bytes; nor does a size alone say so without a look.
func TestASkewTakesAnUploadThatRuns(t *testing.T) {
	of := func(bytes int64) func(int) model.SubtaskLedger {
		return func(i int) model.SubtaskLedger {
			if i == 0 {
				return entry(bytes, 0.1, 0.1, 0.1, 1, 0.1)
			}
			return entry(bytes/20, 0.1, 0.1, 0.1, 0.2, 0.1)
		}
	}
	missing := func(i int) model.SubtaskLedger {
		if i == 0 {
			return absentEntry()
		}
		return of(300 * mib)(i)
	}
	fresh := func() *model.Snapshot {
		one := func() model.Checkpoint { return detailed(expired(), 4, shares{all(quick), missing, all(quick)}) }
		return add(jobOf(4), one(), one(), one(), detailed(completed(20*time.Second), 4, shares{all(quick), of(300 * mib), all(quick)}))
	}
	uploads, idle, unread := fresh(), fresh(), fresh()
	dumps(uploads, idleThread(state, 0), uploadThread(0))
	dumps(idle, idleThread(state, 0))
	for name, tt := range map[string]struct {
		s    *model.Snapshot
		want bool
	}{"it uploads": {uploads, true}, "it is idle": {idle, false}, "nobody looked": {unread, false}} {
		d := diagnosed(t, tt.s)
		if f := finding(&d, api.CauseDataSkew, ""); f.Score >= likelyScore != tt.want {
			t.Errorf("%s: %s %d %+v", name, f.Verdict, f.Score, f.Evidence)
		}
	}
}

// As many completed as lay between two failures before prove no recovery.
func TestARowThatCameBeforeIsNoRecovery(t *testing.T) {
	for _, tt := range []struct {
		row, between int
		want         api.Health
	}{{3, 3, api.HealthUnhealthy}, {4, 3, api.HealthHealthy}, {3, 2, api.HealthHealthy}} {
		s := add(jobOf(2), slices.Concat(times(tt.row, completed(seconds(3))), times(1, expired()), times(tt.between, completed(seconds(3))), times(1, expired()))...)
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%d in a row after %d: %s (%s), want %s", tt.row, tt.between, d.Health, d.Message, tt.want)
		}
	}
}

// Where less than half of the heap is in use after collections it is not the heap that is short, however long they take.
func TestARoomyHeapIsNotShort(t *testing.T) {
	for used, want := range map[float64]api.Health{0.19: api.HealthHealthy, 0.7: api.HealthAtRisk} {
		s := add(jobOf(2), quickOnes...)
		s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.26), model.Measured(used*(1<<30))
		if d := diagnosed(t, s); d.Health != want {
			t.Errorf("%.2f in use: %s (%s), want %s", used, d.Health, d.Message, want)
		}
		s.JobManager.CPUUsage = model.Measured(0.9) // at risk anyway
		d := diagnosed(t, s)
		if f := finding(&d, api.CauseJobManagerOverload, api.SubCauseHeap); f.Score >= likelyScore != (want == api.HealthAtRisk) {
			t.Errorf("%.2f in use: the heap scores %d", used, f.Score)
		}
	}
}

// The JVM's load tells of a moment: late answers that say the same make up for a little less.
func TestALoadJustBelowTheLimitWithLateAnswers(t *testing.T) {
	for _, tt := range []struct {
		load    float64
		answers time.Duration
		want    int
	}{{0.8, 600 * time.Millisecond, 45}, {0.8, 300 * time.Millisecond, 0}, {0.7, 600 * time.Millisecond, 0}} {
		snapshot := strained(tt.load, tt.answers, 70)
		snapshot.Checkpoints.Summary.Min = 0 // nothing says that they were quicker
		if s := cpuHigh(featuresOf(t, snapshot)); s.weight != tt.want {
			t.Errorf("load %.2f, answers after %s: %d, want %d", tt.load, tt.answers, s.weight, tt.want)
		}
	}
}
