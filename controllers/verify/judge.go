package verify

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// convinced is how many times the row asked for must complete before checkpoints that complete but miss another part of the criterion
// decide: the first after a restart are larger and slower than the rest.
const convinced = 2

// judge holds the checkpoints against the criterion. Whichever comes first decides: a row of completed ones, or as many failures as decide against
// it, in a row or with a few completed ones between. With 3 and 3 that is after 9 checkpoints at the latest (twice two completed and a failure, and
// then again), and a remedy after which one in ten fails for other reasons is given up in two cases of a hundred: a row of three breaks with
// 1 - 0.9^3 = 0.27, and three times it does with 0.27^3 = 0.02.
func (c *verdict) judge(t *tally) model.Verification {
	k := &c.r.Criterion
	asked := max(k.CompleteInRow, 1)
	switch {
	case k.FailInRow > 0 && t.failed >= k.FailInRow:
		return outcome(api.OutcomeIneffective, "%d of the last %d checkpoints failed since the remedy%s", t.failed, t.failed, because(t.lastFailure))
	case t.completed >= asked:
		return c.completing(t, asked)
	case k.FailInRow > 0 && t.failures >= k.FailInRow:
		return c.scattered(t)
	case t.began.IsZero():
		return outcome(api.OutcomePending, "the restart with the new values has not been seen yet")
	case t.seen == 0:
		return outcome(api.OutcomePending, "no checkpoint has finished since the restart")
	case t.failed > 0:
		return outcome(api.OutcomePending, "%d of %d failures that decide against it%s", t.failures, k.FailInRow, because(t.lastFailure))
	}
	return outcome(api.OutcomePending, "%d of %d checkpoints completed in a row%s", t.completed, asked, failuresBetween(t.failures, k.FailInRow))
}

func failuresBetween(failures, most int) string {
	if failures == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d of %d failures that decide against it", failures, most)
}

// scattered is a remedy after which some complete and some fail: fewer than before, it may be, and the job is sick all the same.
func (c *verdict) scattered(t *tally) model.Verification {
	return outcome(api.OutcomeIneffective, "%d of the last %d checkpoints failed since the remedy, and no %d of them completed in a row; before: %s%s",
		t.failures, t.since, max(c.r.Criterion.CompleteInRow, 1), c.before(), because(t.lastFailure))
}

// expire ends what the deadline found pending. What did not cure is not kept: where failures are a pattern, or nothing but failures ended, that is seen.
// Where nothing more than an accident speaks against the remedy it is undecided, wherever among the completed ones it was.
func (c *verdict) expire(v *model.Verification, t *tally) {
	v.Outcome = api.OutcomeInconclusive
	if t.failures >= model.FailurePattern || t.failed > 0 && t.failed == t.seen {
		v.Outcome = api.OutcomeIneffective
	}
	v.Message = fmt.Sprintf("%s had passed without a verdict: %s", say(c.deadline()), v.Message)
}

// completing decides where enough complete in a row: Effective if the rest of the criterion holds as well. Of a job whose checkpoints
// expired before, completing is cure enough; of one that was at risk it is not, for its checkpoints completed before, too.
func (c *verdict) completing(t *tally, asked int) model.Verification {
	short, unknown := c.shortfall(t)
	took := fmt.Sprintf("%s completed in a row, median %s; before: %s", checkpoints(t.completed), say(median(t.durations)), c.before())
	switch {
	case short == "" && unknown == "":
		return outcome(api.OutcomeEffective, "%s", took)
	case short == "" && c.r.Baseline.Health == api.HealthAtRisk:
		return outcome(api.OutcomePending, "%s; %s", took, unknown)
	case short == "":
		return outcome(api.OutcomeEffective, "%s", took)
	case t.completed < convinced*asked:
		return outcome(api.OutcomePending, "%s; but %s", took, short)
	case c.r.Baseline.Health == api.HealthAtRisk:
		return outcome(api.OutcomeIneffective, "%s; but %s", took, short)
	}
	return outcome(api.OutcomeEffective, "%s; yet %s", took, short)
}

// shortfall says which part of the criterion is missed, and which cannot be told.
func (c *verdict) shortfall(t *tally) (short, unknown string) {
	k, m := &c.r.Criterion, median(t.durations)
	timeout, interval := c.s.Settings.Timeout, c.s.Settings.Interval
	if share, known := shareOf(m, timeout); k.WithinTimeoutPercent > 0 {
		switch {
		case !known:
			unknown = "their durations or the timeout are not known"
		case share > k.WithinTimeoutPercent:
			return fmt.Sprintf("the median is %d %% of the timeout of %s, asked were %d %%", share, say(timeout.Value), k.WithinTimeoutPercent), ""
		}
	}
	if share, known := shareOf(m, interval); k.DutyCyclePercent > 0 {
		switch {
		case !known:
			unknown = "their durations or the interval are not known"
		case share > k.DutyCyclePercent:
			return fmt.Sprintf("the median is %d %% of the interval of %s, asked were %d %%", share, say(interval.Value), k.DutyCyclePercent), ""
		}
	}
	short, late := c.punctual()
	if short != "" {
		return short, ""
	}
	return c.resources(orElse(late, unknown))
}

// punctual says whether checkpoints still begin late, where that was the risk. Late starts alternate with punctual ones, so fewer than two
// neighbours do not tell.
func (c *verdict) punctual() (short, unknown string) {
	most, interval, facts := c.r.Criterion.LateStartPercent, c.s.Settings.Interval, &c.d.Facts
	if most <= 0 {
		return "", ""
	}
	if facts.Starts < 2 || !interval.Known || interval.Value <= 0 {
		return "", "how late checkpoints begin is not known yet"
	}
	if late := int(min(float64(facts.LateStart)/float64(interval.Value)*100, 1e6)); late >= most {
		return fmt.Sprintf("checkpoints begin %s late on the average, %d %% of the interval of %s, asked were less than %d %%",
			say(facts.LateStart), late, say(interval.Value), most), ""
	}
	return "", ""
}

// shareOf is a duration as a percentage of a setting.
func shareOf(d time.Duration, of model.Setting[time.Duration]) (int, bool) {
	if d <= 0 || !of.Known || of.Value <= 0 {
		return 0, false
	}
	return int(min(float64(d)/float64(of.Value)*100, 1e6)), true
}

// resources holds what the JobManager uses against the criterion.
func (c *verdict) resources(unknown string) (short, missing string) {
	k, jm := &c.r.Criterion, &c.s.JobManager
	for _, ask := range []struct {
		percent int
		used    model.Measure
		what    string
	}{
		{k.MaxCPUPercent, ratio(jm.CPUUsage, jm.CPULimit), "of its CPU limit"},
	} {
		switch {
		case ask.percent == 0:
		case !ask.used.Known:
			unknown = "how much the JobManager uses " + ask.what + " is not known"
		case ask.used.Value*100 >= float64(ask.percent):
			return fmt.Sprintf("the JobManager uses %.0f %% %s, asked were less than %d %%", ask.used.Value*100, ask.what, ask.percent), ""
		}
	}
	short, missing = c.collects()
	return short, orElse(missing, unknown)
}

func ratio(used, of model.Measure) model.Measure {
	if !used.Known || !of.Known || of.Value <= 0 || used.Value < 0 {
		return model.Measure{}
	}
	return model.Measured(used.Value / of.Value)
}

// before is the baseline in words.
func (c *verdict) before() string {
	b := &c.r.Baseline
	if b.Expired > 0 {
		return fmt.Sprintf("%d of %d expired", b.Expired, b.Window)
	}
	if b.MedianMilliseconds > 0 {
		return "median " + say(time.Duration(b.MedianMilliseconds)*time.Millisecond)
	}
	return "none completed in " + say(time.Duration(b.SinceCompletedSeconds)*time.Second)
}

func outcome(o api.Outcome, format string, args ...any) model.Verification {
	return model.Verification{Outcome: o, Message: fmt.Sprintf(format, args...)}
}

func because(message string) string {
	if message == "" {
		return ""
	}
	return ": " + bounded(message, 120)
}

func checkpoints(n int) string {
	if n == 1 {
		return "1 checkpoint"
	}
	return fmt.Sprintf("%d checkpoints", n)
}
