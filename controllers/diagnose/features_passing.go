package diagnose

import "checkpointhealth.dev/operator/controllers/model"

// dropPassingUploads leaves out uploads that a dump happened to catch: any checkpoint uploads something, most of them for a moment. They pass where those
// that acknowledged late tell that their uploads were short, or where fewer than half of the idle missing subtasks have one: the others wait for
// something else, and so may these have until now; or where each of those that are missing has reported an upload for other checkpoints that took long, as short.
func (f *features) dropPassingUploads() {
	t := &f.threads
	few := len(f.missing.now) > 0 && 2*t.uploads < t.idle && !t.uploadStuck
	if t.uploads > 0 && (few || f.uploadsMeasuredShort() || !t.uploadStuck && f.uploadsOfTheSlowShort()) {
		t.uploads, t.uploadStuck, t.uploading = 0, false, activity{}
	}
}

// uploadsMeasuredShort tells whether late acknowledgements say of every vertex with missing subtasks that the upload was no large part of the time.
func (f *features) uploadsMeasuredShort() bool {
	if f.ledger.all.late == 0 || f.ledger.all.sometimes(inAsync) {
		return false
	}
	for v := range f.ledger.vertices {
		if sum := &f.ledger.vertices[v]; sum.never > 0 && sum.late == 0 {
			return false
		}
	}
	return true
}

// uploadsOfTheSlowShort tells whether each missing subtask reported its upload for some checkpoint that shows the illness, and as no large part of the time for
// all of them: what makes them long is something else.
func (f *features) uploadsOfTheSlowShort() bool {
	for key := range f.missing.now {
		vertex, subtask := subtaskOf(key)
		short := false
		for i := range f.profile {
			p := &f.profile[i]
			e := entryOf(p.c, vertex, subtask)
			switch {
			case e == nil || !e.Reported:
			case e.Unfinished == model.PhaseAsync || e.Async >= share(p.ref, large):
				return false
			case e.Async >= 0:
				short = true
			}
		}
		if !short {
			return false
		}
	}
	return len(f.missing.now) > 0
}
