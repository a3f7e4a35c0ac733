package plan

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the image has no zone files of its own

	"github.com/robfig/cron/v3"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// outsideWindow refuses a restart while every window of the policy is closed. A window that cannot be read is closed.
func outsideWindow(v *view, r *model.Remedy) model.Refusal {
	if r.Cost == api.CostNoRestart {
		return model.Refusal{}
	}
	return v.windowClosed()
}

func (v *view) windowClosed() model.Refusal {
	windows := v.p.Guards.Windows
	if len(windows) == 0 {
		return model.Refusal{}
	}
	var next time.Time
	var unreadable []string
	for i := range windows {
		open, opens, err := windowAt(&windows[i], v.in.Now)
		switch {
		case err != nil:
			unreadable = append(unreadable, fmt.Sprintf("guards.windows[%d].%v", i, err))
		case open:
			return model.Refusal{}
		case !opens.IsZero() && (next.IsZero() || opens.Before(next)):
			next = opens
		}
	}
	if next.IsZero() {
		return saying("%s", orElse(strings.Join(unreadable, "; "), "none of the policy's windows ever opens: look at guards.windows"))
	}
	why := saying("%s", join(append([]string{"the policy's window opens at " + clock(next, v.in.Now)}, unreadable...)...))
	why.Retry = max(next.Sub(v.in.Now), time.Second)
	return why
}

// windowAt tells whether a window is open, and when it opens next. It is open where it opened less than its duration ago.
func windowAt(w *api.Window, now time.Time) (bool, time.Time, error) {
	zone, err := time.LoadLocation(orElse(w.TimeZone, "UTC"))
	if err != nil {
		return false, time.Time{}, fmt.Errorf("timeZone %q is not an IANA time zone name such as Europe/Berlin", w.TimeZone)
	}
	if strings.Contains(w.Schedule, "TZ=") {
		return false, time.Time{}, fmt.Errorf("schedule %q names a time zone: write it into timeZone", w.Schedule)
	}
	schedule, err := cron.ParseStandard(w.Schedule)
	if err != nil {
		return false, time.Time{}, fmt.Errorf("schedule %q is not a cron expression of five fields such as '0 4 * * 1-5': %w", w.Schedule, err)
	}
	local := now.In(zone)
	opened := schedule.Next(local.Add(-durationOfWindow(w)))
	if !opened.IsZero() && !opened.After(local) {
		return true, time.Time{}, nil
	}
	return false, schedule.Next(local), nil
}

func durationOfWindow(w *api.Window) time.Duration {
	return time.Duration(w.DurationSeconds) * time.Second
}

// clock writes a moment in its own zone: 04:00 Europe/Berlin, with the day where it is not today's.
func clock(at, now time.Time) string {
	if at.YearDay() == now.In(at.Location()).YearDay() && at.Sub(now) < day {
		return at.Format("15:04 ") + at.Location().String()
	}
	return at.Format("Mon 2 Jan 15:04 ") + at.Location().String()
}
