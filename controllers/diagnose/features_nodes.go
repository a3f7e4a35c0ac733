package diagnose

import "checkpointhealth.dev/operator/controllers/model"

// nodeShort looks for pods of a component that were evicted in this spell, or whose node is short of memory, disk or process ids now. It is
// weak by itself: a node may be short without this workload feeling it.
func nodeShort(f *features, component model.Component) sign {
	for i := range f.s.Pods {
		p := &f.s.Pods[i]
		switch {
		case p.Component != component:
		case p.Evicted && f.ofThisSpell(p.LastTerminationAt):
			return yes(named(p.Name)+" was evicted from its node"+f.ago(p.LastTerminationAt), "never")
		case p.NodePressure != "":
			return yes(named(p.Name)+" runs on a node under "+p.NodePressure, "none")
		}
	}
	return no
}

// throttledManager looks for a TaskManager whose CPU limit ran out in a tenth of the periods or more: its use on the average may be below it.
func throttledManager(f *features) sign {
	for i := range f.s.Pods {
		if p := &f.s.Pods[i]; p.Component == model.ComponentTaskManager && p.ThrottledShare.AtLeast(0.1) {
			return weighing(10, named(p.Name)+" was throttled "+percent(p.ThrottledShare.Value)+" of the time", "below 10%")
		}
	}
	return no
}
