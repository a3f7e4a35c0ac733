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
		// The JobManager passes our questions on by calls that a TaskManager of another version does not know.
		{"answers of TaskManagers", 50, true, needTaskManagers, strangers},
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
		{"tasks", 30, true, needVertices, tasksStalled},
		// A jar that was built for another Flink, or state of one, fails with the same words.
		{"versions of all", -45, true, 0, oneVersion},
	},
	summary: func(f *features) string {
		text := "JobManager and TaskManagers do not run the same Flink"
		waiting, total := waitingTasks(f.s)
		switch {
		case f.words.versions != nil && !f.stalled.IsZero():
			text += ": tasks fail when they are deployed: " + says(f.words.versions)
		case waiting > 0:
			text += ": " + of(waiting, total, "subtasks wait for slots that never register")
		}
		return text
	},
	next: `the image digests of all pods, and the first line of each TaskManager's log ("Starting TaskManager (Version: ...)") against the JobManager's version; no REST answer names it`,
	advice: func(*features) []string {
		return []string{"Bring the images of JobManager and TaskManagers to one version: patch releases too. Where a tag was moved, pin the digest."}
	},
}

// tasksStalled looks for what another version does: tasks never run, or fail whenever they are deployed.
func tasksStalled(f *features) sign {
	if f.stalled.IsZero() {
		return no
	}
	long := span(f.now.Sub(f.stalled))
	if waiting, total := waitingTasks(f.s); waiting > 0 {
		return yes(of(waiting, total, "have waited to be scheduled for "+long), "running")
	}
	if f.words.versions == nil {
		return no // whatever they fail of
	}
	return yes("fail at each start, no checkpoint for "+long, "running")
}

// strangers looks for a TaskManager that answered as one of another version does.
func strangers(f *features) sign {
	for i := range f.s.TaskManagers {
		if tm := &f.s.TaskManagers[i]; tm.Mismatch != "" {
			return yes(named(tm.ID)+": "+bounded(tm.Mismatch, 160), "calls that it knows")
		}
	}
	return no
}

// managersVersions looks for a TaskManager whose log names another version than the JobManager's. Patch releases of one minor version understand one
// another (1.20.5 under 1.20.1, measured: every checkpoint completed), so that such a difference says little by itself.
func managersVersions(f *features) sign {
	own := f.s.Job.FlinkVersion
	for i := range f.s.TaskManagers {
		tm := &f.s.TaskManagers[i]
		if own == "" || tm.Version == "" || tm.Version == own {
			continue
		}
		text := "JobManager " + named(own) + ", TaskManager " + named(tm.ID) + " " + named(tm.Version)
		if sameMinor(own, tm.Version) {
			return weighing(20, text, "the same")
		}
		return yes(text, "the same")
	}
	return no
}

// unreadTask is what a TaskManager says that cannot read how the JobManager describes a task. No jar and no state of the user's makes that; and where
// two processes write to one log, the version in it may be the other's.
const unreadTask = "Could not deserialize the job or task information"

// oneVersion looks for other exceptions in a job of which every TaskManager says the JobManager's version: they have another reason. One that does not
// register shows in logs only, and its version is not read.
func oneVersion(f *features) sign {
	if f.words.versions == nil || mentions(f.words.versions, unreadTask) || f.words.logs[model.LogVersionMismatch] != nil || f.s.Job.FlinkVersion == "" || len(f.s.TaskManagers) == 0 {
		return no
	}
	for i := range f.s.TaskManagers {
		if tm := &f.s.TaskManagers[i]; tm.Version != f.s.Job.FlinkVersion || tm.Mismatch != "" {
			return no
		}
	}
	return yes("all TaskManagers say "+named(f.s.Job.FlinkVersion)+", as the JobManager does", "")
}

// sameMinor tells versions that differ in the patch release at most; false where one cannot be read.
func sameMinor(a, b string) bool {
	one, other := flinkVersion(a), flinkVersion(b)
	return one != nil && other != nil && one.Major() == other.Major() && one.Minor() == other.Minor()
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
	for _, tells := range []func(*features) sign{managersVersions, mismatchLines, strangers, differentImages, differentDigests, tagAgainstREST, mixedClassPath} {
		if tells(f).state == present {
			return yes("", "")
		}
	}
	if needVersions.lacking(f) == "" {
		return settled
	}
	return sign{state: unknownSign, missing: needVersions.lacking(f)}
}
