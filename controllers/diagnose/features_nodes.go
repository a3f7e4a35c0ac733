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
