package cases

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/lab/faultjobs"
)

// shapes are jobs of other topologies than the pipeline's.
var shapes = flinklocal.Java{Name: "shapes.jar", Sources: faultjobs.Sources, Dir: faultjobs.ShapesDir, Main: faultjobs.OrdersMain,
	More: func(version string) []string {
		if strings.HasPrefix(version, "1.") {
			return []string{faultjobs.Shapes1Dir}
		}
		return []string{faultjobs.Shapes2Dir}
	}}

func shaped(c flinklocal.Case, main string) flinklocal.Case {
	c.Job, c.EntryClass = &shapes, main
	return c
}

// orders is a chained source, keyed state, and a sink that commits.
func orders(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	return shaped(job(name, parallelism, conf, args, why), faultjobs.OrdersMain)
}

// traffic is windows by key, a side output and two sinks.
func traffic(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	return shaped(job(name, parallelism, conf, args, why), faultjobs.TrafficMain)
}

// shipments is two sources that meet by key, and three sinks.
func shipments(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	return shaped(job(name, parallelism, conf, args, why), faultjobs.ShipmentsMain)
}

// appointments is requests that meet broadcast rooms by key, which may be asked about before, and a sink function.
func appointments(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	return shaped(job(name, parallelism, conf, args, why), faultjobs.ClinicMain)
}

// kiosks is the job in SQL.
var kiosks = flinklocal.Java{Name: "tables.jar", Sources: faultjobs.Sources, Dir: faultjobs.TablesDir, Main: faultjobs.SalesMain, Table: faultjobs.SalesTable}

// sales is that job instead of the pipeline.
func sales(name string, parallelism int, conf map[string]string, args, why string) flinklocal.Case {
	c := job(name, parallelism, conf, args, why)
	c.Job = &kiosks
	return c
}

// every8 gives up a checkpoint after 8 s and begins one every 3 s; failures do not restart the job.
func every8(more ...string) map[string]string { return checkpointing("3s", "8s", more...) }

// advised are cases of which nothing is tried: no setting cures them.
func advised(all ...Case) []Case {
	for i := range all {
		all[i].NoRemedy = true
	}
	return all
}

// tuningShapes are the causes once more, in these jobs.
func tuningShapes() []Case {
	return slices.Concat(tuningCalls(), tuningFirings(), tuningHot(), tuningStrained(), tuningSlowSteps(), tuningCommits(), tuningLarge(), tuningKnown(),
		tuningJobManagerToo(), tuningLinks(), tuningMixed(), tuningShapesOdd(), tuningShapesTwo(), tuningShapesPressure())
}
