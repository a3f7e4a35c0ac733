package flinklocal

import (
	"fmt"
	"maps"
	"slices"
)

// startTaskManagers starts those that do not run.
func (c *Cluster) startTaskManagers(spec Spec, conf map[string]string, heap int64) error {
	for i := 1; i <= c.opts.Case.taskManagers(); i++ {
		own := maps.Clone(conf)
		name := taskManagerName(i)
		if c.runs(name) {
			continue
		}
		own["taskmanager.resource-id"] = name
		tm := program{name: name, main: taskManagerMain, jvm: []string{fmt.Sprintf("-Xmx%d", heap), "-XX:+UseSerialGC", processors(2)}}
		if c.opts.Mode == Application {
			tm.classes = c.opts.Jars.Job
		}
		if name == c.lastName() {
			c.setApart(&tm, own)
		}
		if err := c.spawn(tm, spec, own); err != nil {
			return err
		}
	}
	return nil
}

// setApart gives the last TaskManager what the case has for it alone.
func (c *Cluster) setApart(tm *program, conf map[string]string) {
	tm.jvm = slices.Concat(tm.jvm, c.opts.Case.TaskManagerJVM)
	tm.dist = c.opts.Last
	if space := c.around.space; space != nil {
		tm.before = space.command()
		conf["taskmanager.host"], conf["taskmanager.bind-host"] = space.inside, space.inside
	}
}
