package diagnose

import (
	"fmt"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// versionMismatch: JobManager and TaskManagers are of different versions. A wrong minor version registers not at all or gets no tasks, so that
// no checkpoint is ever taken; only patch releases mix for long enough to time out.
var versionMismatch = rule{
	cause: api.CauseFlinkVersionBug, sub: api.SubCauseVersionMismatch, effect: versionsDiffer,
	rows: []row{
		{"versions", 55, true, needVersions, managersVersions},
		{"logs", 50, true, needLogs | needExceptions, mismatchLines},
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

// managersVersions looks for a TaskManager whose log names another version than the JobManager's.
func managersVersions(f *features) sign {
	own := f.s.Job.FlinkVersion
	for i := range f.s.TaskManagers {
		tm := &f.s.TaskManagers[i]
		if own != "" && tm.Version != "" && tm.Version != own {
			return yes("JobManager "+named(own)+", TaskManager "+named(tm.ID)+" "+named(tm.Version), "the same")
		}
	}
	return no
}

// mismatchLines are what Flink says where two versions do not understand one another.
func mismatchLines(f *features) sign {
	if s := f.words.logs[model.LogVersionMismatch]; s != nil {
		return yes(fmt.Sprintf("%d lines%s: %s", s.Count, f.ago(s.Last), bounded(s.Sample, 160)), "none")
	}
	if e := f.words.versions; e != nil {
		return yes(f.says(e), "none")
	}
	return no
}

// versionsDiffer tells whether anything says that versions differ. Tasks that wait for slots and TaskManagers that do not register are what that does,
// and what a network without answers or a cluster without room does as well.
func versionsDiffer(f *features) sign {
	for _, tells := range []func(*features) sign{managersVersions, mismatchLines, differentImages, differentDigests, tagAgainstREST, mixedClassPath} {
		if tells(f).state == present {
			return yes("", "")
		}
	}
	if needVersions.lacking(f) == "" {
		return settled
	}
	return sign{state: unknownSign, missing: needVersions.lacking(f)}
}
