package main

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/hack/demo/play"
	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/standin"
)

// cast are the jobs to play, and what each is made of.
type cast struct {
	parts    []*play.Part
	cases    map[string]flinklocal.Case
	versions map[string]string
	dists    map[string]string
	jars     map[string]flinklocal.Jars
	modes    map[string]flinklocal.Mode
}

// casting fetches the distributions, compiles the jobs and names the parts: CASE-VERSION.
func casting(ctx context.Context, o options) (*cast, error) {
	c := &cast{
		cases: map[string]flinklocal.Case{}, versions: map[string]string{}, dists: map[string]string{}, jars: map[string]flinklocal.Jars{},
		modes: map[string]flinklocal.Mode{},
	}
	for _, version := range split(o.versions) {
		dist, err := flinklocal.Fetch(ctx, version, say)
		if err != nil {
			return nil, err
		}
		jars, err := flinklocal.Build(ctx, dist, say)
		if err != nil {
			return nil, err
		}
		c.dists[version], c.jars[version] = dist, jars
		for _, name := range split(o.cases) {
			if err := c.add(name, version); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

func (c *cast) add(caseName, version string) error {
	bare, standalone := strings.CutPrefix(caseName, standalonePrefix)
	found, ok := flinklocal.Find(bare)
	if !ok {
		return fmt.Errorf("--cases: there is no case %q; there are %s, and the same with "+standalonePrefix+" before them", caseName, strings.Join(flinklocal.Names(), ", "))
	}
	name := caseName + "-" + strings.ReplaceAll(version, ".", "-")
	part := &play.Part{Name: name, Cause: found.Cause, Treatable: found.Treatable}
	if part.Cause == "" {
		part.Cause = play.CauseNone
	}
	c.parts = append(c.parts, part)
	c.cases[name], c.versions[name] = found, version
	if standalone {
		c.modes[name] = flinklocal.Application
	}
	return nil
}

// choose tells what the cluster of a part is made of.
func (c *cast) choose(_ context.Context, spec standin.Spec) (flinklocal.Options, error) {
	version, ok := c.versions[spec.Name]
	if !ok {
		return flinklocal.Options{}, fmt.Errorf("%s is none of the cast", spec.Name)
	}
	return flinklocal.Options{Dist: c.dists[version], Jars: c.jars[version], Case: c.cases[spec.Name], Mode: c.modes[spec.Name], Log: say}, nil
}

// objects are what a user creates for a part: its target, and what that needs.
func (c *cast) objects(name string) (target *unstructured.Unstructured, needs []client.Object, err error) {
	if c.modes[name] == flinklocal.Operated {
		return c.manifest(name), nil, nil
	}
	return c.standalone(name)
}

// manifest is the part's FlinkDeployment as a user writes it. 1088m is what flinklocal gives a JobManager by default.
func (c *cast) manifest(name string) *unstructured.Unstructured {
	theCase, version := c.cases[name], c.versions[name]
	config := map[string]any{}
	for key, value := range theCase.Config {
		config[key] = value
	}
	short := strings.SplitN(version, ".", 3)
	u := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"image": "flink:" + version, "flinkVersion": "v" + short[0] + "_" + short[1], "serviceAccount": "flink",
		"flinkConfiguration": config,
		"jobManager":         map[string]any{"resource": map[string]any{"cpu": 1.0, "memory": "1088m"}},
		"taskManager":        map[string]any{"resource": map[string]any{"cpu": 1.0, "memory": "1g"}},
		"job": map[string]any{
			"jarURI": "local:///opt/flink/usrlib/job.jar", "parallelism": int64(max(theCase.Parallelism, 1)), "upgradeMode": "last-state", "state": "running",
		},
	}}}
	u.SetGroupVersionKind(standin.GroupVersionKind)
	u.SetNamespace(play.Namespace)
	u.SetName(name)
	return u
}
