package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// versionMismatch: JobManager and TaskManagers are of different versions. A wrong minor version registers not at all or gets no tasks, so that
// no checkpoint is ever taken; only patch releases mix for long enough to time out.
var versionMismatch = rule{
	cause: api.CauseFlinkVersionBug, sub: api.SubCauseVersionMismatch,
	rows: []row{
		{"versions", 55, true, needVersions, func(f *features) sign {
			own := f.s.Job.FlinkVersion
			for i := range f.s.TaskManagers {
				tm := &f.s.TaskManagers[i]
				if own != "" && tm.Version != "" && tm.Version != own {
					return yes("JobManager "+named(own)+", TaskManager "+named(tm.ID)+" "+named(tm.Version), "the same")
				}
			}
			return no
		}},
		{"logs", 50, true, needLogs | needExceptions, func(f *features) sign {
			if s := f.words.logs[model.LogVersionMismatch]; s != nil {
				return yes(fmt.Sprintf("%d lines%s: %s", s.Count, f.ago(s.Last), bounded(s.Sample, 160)), "none")
			}
			if e := f.words.versions; e != nil {
				return yes(f.says(e), "none")
			}
			return no
		}},
		{"images", 35, true, needPods, differentImages},
		{"image digests", 25, true, needPods, differentDigests},
		{"tag of the JobManager's image", 20, true, needPods, tagAgainstREST},
		{"class path", 30, true, needHistory, mixedClassPath},
		{"TaskManagers", 25, true, needTaskManagers | needPods, func(f *features) sign {
			ready := 0
			for i := range f.s.Pods {
				ready += count(f.s.Pods[i].Component == model.ComponentTaskManager && f.s.Pods[i].Ready)
			}
			waiting, _ := waitingTasks(f.s)
			return when(waiting > 0 && ready > len(f.s.TaskManagers), of(len(f.s.TaskManagers), ready, "ready pods are registered"), "all")
		}},
		{"tasks", 30, true, needVertices, func(f *features) sign {
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
	next: `the image digests of all pods, and the first line of each TaskManager's log ("Starting TaskManager (Version: ...)") against the JobManager's version; no REST answer names it`,
	advice: func(*features) []string {
		return []string{"Bring the images of JobManager and TaskManagers to one version: patch releases too. Where a tag was moved, pin the digest."}
	},
}
