package diagnose

import (
	"fmt"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// versionMismatch: JobManager and TaskManagers are of different versions. A wrong minor version registers not at all or gets no tasks, so that
// no checkpoint is ever taken; only patch releases mix for long enough to time out.
var versionMismatch = rule{
	cause: api.CauseFlinkVersionBug, sub: api.SubCauseVersionMismatch,
	rows: []row{
		{"versions", 55, true, func(f *features) sign {
			own := f.s.Job.FlinkVersion
			for i := range f.s.TaskManagers {
				tm := &f.s.TaskManagers[i]
				if own != "" && tm.Version != "" && tm.Version != own {
					return yes("JobManager "+named(own)+", TaskManager "+named(tm.ID)+" "+named(tm.Version), "the same")
				}
			}
			return no
		}},
		{"logs", 50, true, func(f *features) sign {
			if s := f.words.logs[model.LogVersionMismatch]; s != nil {
				return yes(fmt.Sprintf("%d lines: %s", s.Count, bounded(s.Sample, 160)), "none")
			}
			if e := f.words.versions; e != nil {
				return yes(says(e), "none")
			}
			if f.s.Missing(model.GapLogs) {
				return missing(model.GapLogs)
			}
			return no
		}},
		{"images", 35, true, differentImages},
		{"TaskManagers", 25, true, func(f *features) sign {
			if f.s.Missing(model.GapTaskManagers) {
				return missing(model.GapTaskManagers)
			}
			ready := 0
			for i := range f.s.Pods {
				ready += count(f.s.Pods[i].Component == model.ComponentTaskManager && f.s.Pods[i].Ready)
			}
			waiting, _ := waitingTasks(f.s)
			return when(waiting > 0 && ready > len(f.s.TaskManagers), of(len(f.s.TaskManagers), ready, "ready pods are registered"), "all")
		}},
		{"tasks", 30, true, func(f *features) sign {
			waiting, total := waitingTasks(f.s)
			since := f.s.Job.RunningSince
			if waiting == 0 || since.IsZero() || f.now.Sub(since) < startTime(&f.w) {
				return no
			}
			return yes(of(waiting, total, "have waited to be scheduled for "+span(f.now.Sub(since))), "running")
		}},
	},
	summary: func(f *features) string {
		text := "JobManager and TaskManagers do not run the same Flink"
		if waiting, total := waitingTasks(f.s); waiting > 0 {
			text += ": " + of(waiting, total, "subtasks wait for slots that never register")
		}
		return text
	},
	next: `the first line of each TaskManager's log ("Starting TaskManager (Version: ...)") against the JobManager's version; no REST answer names it`,
	advice: func(*features) []string {
		return []string{"Bring the images of JobManager and TaskManagers to one version: patch releases too."}
	},
}

func differentImages(f *features) sign {
	image := ""
	for i := range f.s.Pods {
		p := &f.s.Pods[i]
		if p.Image == "" || p.Component == "" {
			continue
		}
		if image == "" {
			image = p.Image
		} else if image != p.Image {
			return yes(bounded(image, 100)+" and "+bounded(p.Image, 100), "one image")
		}
	}
	return no
}

// knownIssue: a bug of this version, with this configuration and these signs.
var knownIssue = rule{
	cause: api.CauseFlinkVersionBug, sub: api.SubCauseKnownIssue,
	rows: []row{
		{"known issue", 0, true, func(f *features) sign {
			m := f.strongest()
			if m == nil {
				if f.s.Job.FlinkVersion == "" {
					return sign{state: unknownSign, missing: "Flink version"}
				}
				return no
			}
			fixed := "not fixed yet"
			if len(m.FixedIn) > 0 {
				fixed = "fixed in " + m.Component + " " + strings.Join(m.FixedIn, ", ")
			}
			return weighing(m.weight, m.ID+": "+m.Title, fixed)
		}},
		// What a stack names is there; whether it is an affected version only a class path tells.
		{"version of the library", 0, false, func(f *features) sign {
			if m := f.strongest(); m != nil && m.Version == "" {
				return sign{state: unknownSign, missing: "version of " + m.Component}
			}
			return no
		}},
	},
	summary: func(f *features) string {
		m := f.strongest()
		if m.Version == "" {
			return m.Component + ", whose version is not known, may have " + m.ID + ": " + m.Title
		}
		version := m.Version
		if m.Component == flinkComponent {
			version = named(f.s.Job.FlinkVersion)
		}
		return m.Component + " " + version + " has " + m.ID + ": " + m.Title
	},
	next: "the same job on a version in which it is fixed, or with the workaround",
	advice: func(f *features) []string {
		var advice []string
		for i := range f.advisories {
			m := &f.advisories[i]
			text := m.ID + ": " + m.Advice
			if len(m.FixedIn) > 0 {
				text += " Fixed in " + m.Component + " " + strings.Join(m.FixedIn, ", ") + "."
			}
			advice = append(advice, text)
		}
		return advice
	},
}

// strongest is the matching advisory that explains most; nil if none matches.
func (f *features) strongest() *match {
	var best *match
	for i := range f.advisories {
		if m := &f.advisories[i]; best == nil || m.weight > best.weight {
			best = m
		}
	}
	return best
}
