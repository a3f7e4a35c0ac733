package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// What all uploads write together is what the storage takes: two that are at work at once get half of it each.
func TestUploadsThatShareALine(t *testing.T) {
	at := func(from, to float64, bytes float64) uploadSpan {
		return uploadSpan{from: testNow.Add(seconds(from)), to: testNow.Add(seconds(to)), bytes: bytes}
	}
	for name, tt := range map[string]struct {
		spans        []uploadSpan
		rate, atOnce float64
	}{
		"one after the other":   {[]uploadSpan{at(10, 20, 100), at(0, 10, 100)}, 10, 1},
		"both at once":          {[]uploadSpan{at(0, 20, 100), at(0, 20, 100)}, 10, 2},
		"half of the time":      {[]uploadSpan{at(0, 10, 100), at(5, 15, 50)}, 10, 4.0 / 3},
		"one within another":    {[]uploadSpan{at(0, 20, 150), at(5, 10, 50)}, 10, 1.25},
		"with a pause between":  {[]uploadSpan{at(0, 10, 100), at(90, 100, 100)}, 10, 1},
		"one says nothing":      {[]uploadSpan{at(0, 10, 100)}, 0, 0},
		"two that took no time": {[]uploadSpan{at(0, 0.001, 100), at(0, 0.001, 100)}, 0, 0},
	} {
		got := lineOf(tt.spans)
		if got.rate.Value != tt.rate || got.rate.Known != (tt.rate > 0) || got.atOnce != tt.atOnce {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A rate of one upload that came down is no slow storage where more of them are at work at once and all together write what they did.
func TestARateThatIsAPartOfTheLine(t *testing.T) {
	for name, tt := range map[string]struct {
		now, healthy line
		slow         bool
	}{
		"four times as many at once":               {line{model.Measured(95 * mib), 4}, line{model.Measured(100 * mib), 1}, false},
		"as many at once, and a quarter in all":    {line{model.Measured(25 * mib), 4}, line{model.Measured(100 * mib), 4}, true},
		"more at once, and less in all":            {line{model.Measured(60 * mib), 4}, line{model.Measured(100 * mib), 1}, true},
		"as many at once, though as much in all":   {line{model.Measured(100 * mib), 1}, line{model.Measured(100 * mib), 1}, true},
		"what they wrote in all before is unknown": {line{model.Measured(95 * mib), 4}, line{}, true},
		"more at once, and slow in health and now": {line{model.Measured(mib / 2), 4}, line{model.Measured(mib / 2), 1}, true},
	} {
		f := featuresOf(t, uploadsAt(20, 100))
		f.upload.lineNow, f.upload.lineHealthy = tt.now, tt.healthy
		if got := slowRate(f).state == present; got != tt.slow {
			t.Errorf("%s: slow %v", name, slowRate(f))
		}
		if got := normalRate(f).state == present; got == tt.slow {
			t.Errorf("%s: normal %v", name, normalRate(f))
		}
	}
}

// A rate below the floor is what the job always had where the storage takes as much of all as then: what grew is the bytes, or the queue.
func TestARateBelowTheFloorThatIsAsEver(t *testing.T) {
	all := line{model.Measured(4 * mib), 8}
	for name, tt := range map[string]struct {
		healthy, grew float64
		alone         time.Duration
		line          line
		slow          bool
	}{
		"twice the bytes":                        {0.5, 2, 0, all, false},
		"each fits by itself and waits":          {0.5, 1, seconds(200), all, false},
		"as many bytes, each too long by itself": {0.5, 1, seconds(500), all, true},
		"twice the bytes, twice as fast before":  {1.3, 2, 0, all, true},
		"twice the bytes, of next to nothing":    {0.5, 2, 0, line{model.Measured(mib / 2), 1}, true},
	} {
		f := featuresOf(t, uploadsAt(0.5, tt.healthy))
		f.upload.lineNow, f.upload.lineHealthy, f.upload.alone, f.upload.longest, f.upload.stateGrew = tt.line, tt.line, tt.alone, tt.alone, model.Measured(tt.grew)
		if got := slowRate(f).state == present; got != tt.slow {
			t.Errorf("%s: slow %v of %+v, %+v", name, slowRate(f), f.upload.now, f.upload.healthy)
		}
	}
}

// A rate that came down some is not why uploads are late that fit by themselves and wait for those before them.
func TestARateThatFellAndUploadsThatWait(t *testing.T) {
	for alone, fell := range map[time.Duration]bool{0: true, seconds(500): true, seconds(200): false} {
		f := featuresOf(t, uploadsAt(20, 36))
		f.upload.alone, f.upload.longest, f.upload.stateGrew = alone, alone, model.Measured(1.2)
		if r, _ := f.upload.measured(); f.rateFell(r) != fell {
			t.Errorf("alone it takes %s: fell %v", alone, !fell)
		}
	}
}

// Where the rate is what the job had in health, slow as it is, and there is more to write, either explains the time, and both are listed.
func TestASlowRateAndMoreBytesAreBothListed(t *testing.T) {
	for grew, want := range map[float64]int{2: -20, 1.1: -45} {
		f := featuresOf(t, uploadsAt(0.5, 0.5))
		f.upload.stateGrew = model.Measured(grew)
		a := checkpointPressure.assess(f)
		if got := weightOf(a, "upload rate"); got != want {
			t.Errorf("grew %.1f times: %d, want %d", grew, got, want)
		}
		if listed := a.finding.Verdict == api.VerdictPossible; listed != (grew > 1.5) {
			t.Errorf("grew %.1f times: %s of %+v", grew, a.finding.Verdict, a.finding.Evidence)
		}
		if s := slowStateBackend.assess(f); s.finding.Score < likelyScore {
			t.Errorf("grew %.1f times: SlowStateBackend %d", grew, s.finding.Score)
		}
	}
}

// So it is where the rate is a tenth of the job's own, and each upload fits by itself and only waits.
func TestASlowRateAndAQueueAreBothListed(t *testing.T) {
	for alone, want := range map[time.Duration]api.Verdict{seconds(200): api.VerdictPossible, seconds(500): api.VerdictRuledOut} {
		f := featuresOf(t, uploadsAt(3, 50))
		f.upload.queued, f.upload.alone, f.upload.longest = true, alone, alone
		if a := checkpointPressure.assess(f); a.finding.Verdict != want {
			t.Errorf("alone it takes %s: %s %d of %+v", alone, a.finding.Verdict, a.finding.Score, a.finding.Evidence)
		}
		if a := slowStateBackend.assess(f); a.finding.Score < likelyScore {
			t.Errorf("alone it takes %s: SlowStateBackend %d", alone, a.finding.Score)
		}
	}
}

// One that takes longer than the timeout by itself does not fit because another one, that waited, does: it holds the bytes, and no interval cures it.
func TestTheHeaviestUploadWaitsForNobody(t *testing.T) {
	heavy := func(bytes int64, took float64, first bool) shares {
		return shares{all(quick), func(i int) model.SubtaskLedger {
			if (i == 0) == first {
				return entry(bytes, 0.1, 0.1, 0.1, took, 0.1)
			}
			return entry(8*mib, 0.1, 0.1, 0.1, 2, 0.1)
		}, all(quick)}
	}
	sick, before := heavy(6<<30, 650, true), heavy(1400*mib, 199.7, true)
	s := add(jobOf(8), detailed(expired(), 8, sick), detailed(completed(seconds(200)), 8, before), detailed(expired(), 8, sick),
		detailed(completed(seconds(200)), 8, before), detailed(expired(), 8, sick), detailed(completed(seconds(20)), 8, shares{all(quick), all(quick), all(quick)}))
	s.Past.HealthyUploadRate, s.Past.HealthyDuration = model.Measured(10*mib), 20*time.Second
	f := featuresOf(t, s)
	if f.allFit() || f.upload.longest < seconds(600) {
		t.Errorf("alone %s, longest %s", f.upload.alone, f.upload.longest)
	}
	if d := diagnosed(t, s); d.Top().Cause != api.CauseDataSkew {
		t.Errorf("%s is first: %+v", d.Top().Cause, d.Top())
	}
}
