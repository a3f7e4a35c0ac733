package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/hack/demo/play"
)

// metricsAddress is where the manager under test serves its metrics, plainly and on loopback only.
const metricsAddress = "127.0.0.1:18088"

// benchScale runs the manager, as its own process and under its own identity, over many healthy jobs until all are judged, and then
// watches it at rest.
func benchScale(ctx context.Context, o options) ([]figure, error) {
	address, stop, err := jobManagers(ctx, o.objects)
	if err != nil {
		return nil, err
	}
	defer stop()
	stage, err := play.Set(ctx, os.Stdout, "default")
	if err != nil {
		return nil, err
	}
	defer func() { _ = stage.Strike() }()
	if err := populate(ctx, stage, o.objects); err != nil {
		return nil, err
	}
	manager, err := stage.StartManager(ctx, "--poll-interval", o.poll.String(), "--flink-proxy-url", "http://"+address,
		"--metrics-bind-address", metricsAddress, "--metrics-insecure", "--health-probe-bind-address", "0", "--leader-elect=false")
	if err != nil {
		return nil, err
	}
	defer manager.Stop()
	if err := untilJudged(ctx, stage, manager, o.objects); err != nil {
		return nil, err
	}
	// One whole interval more: statuses that were just written are read back, and every object has had a pass at rest.
	if err := wait(ctx, manager, o.poll); err != nil {
		return nil, err
	}
	return atRest(ctx, stage, manager, o)
}

// populate creates targets and CheckpointHealths.
func populate(ctx context.Context, stage *play.Stage, count int) error {
	if err := stage.Plane.EnsureNamespace(ctx, benchNamespace); err != nil {
		return err
	}
	healthy, err := healthyCase()
	if err != nil {
		return err
	}
	config := map[string]any{}
	for key, value := range healthy.Config {
		config[key] = value
	}
	stage.Say("creating %d FlinkDeployments and CheckpointHealths", count)
	for i := range count {
		target := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment",
			"metadata": map[string]any{"namespace": benchNamespace, "name": jobName(i)},
			"spec": map[string]any{
				"flinkVersion": "v1_20", "flinkConfiguration": config,
				"jobManager": map[string]any{"resource": map[string]any{"cpu": healthy.CPU, "memory": healthy.Memory}},
				"job":        map[string]any{"jarURI": "local:///opt/job.jar", "upgradeMode": "last-state", "state": "running"},
			},
		}}
		if err := stage.Client.Create(ctx, target); err != nil {
			return fmt.Errorf("create %s: %w", jobName(i), err)
		}
		health := &api.CheckpointHealth{}
		health.Namespace, health.Name = benchNamespace, jobName(i)
		health.Spec.TargetRef = api.TargetReference{APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkDeployment", Name: jobName(i)}
		if err := stage.Client.Create(ctx, health); err != nil {
			return fmt.Errorf("create CheckpointHealth %s: %w", jobName(i), err)
		}
	}
	return nil
}

// untilJudged waits until every object is called healthy.
func untilJudged(ctx context.Context, stage *play.Stage, manager *play.Manager, count int) error {
	deadline := time.Now().Add(5 * time.Minute)
	for {
		var list api.CheckpointHealthList
		if err := stage.Client.List(ctx, &list, client.InNamespace(benchNamespace)); err != nil {
			return fmt.Errorf("list: %w", err)
		}
		healthy := 0
		for i := range list.Items {
			if list.Items[i].Status.Health == api.HealthHealthy {
				healthy++
			}
		}
		stage.Say("%d of %d are judged healthy", healthy, count)
		if healthy == count {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d were judged healthy in five minutes\n%s", healthy, count, manager.Tail())
		}
		if err := wait(ctx, manager, 5*time.Second); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, manager *play.Manager, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-manager.Ended():
		return fmt.Errorf("the manager ended by itself: %w\n%s", err, manager.Tail())
	case <-timer.C:
		return nil
	}
}

// atRest measures CPU, memory, lag and writes over the watched time.
func atRest(ctx context.Context, stage *play.Stage, manager *play.Manager, o options) ([]figure, error) {
	stage.Say("watching at rest for %s", o.rest)
	before, err := sample(ctx, manager)
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, manager, o.rest); err != nil {
		return nil, err
	}
	after, err := sample(ctx, manager)
	if err != nil {
		return nil, err
	}
	return []figure{
		{"objects", float64(o.objects)},
		{"cpu_cores", (after.cpu - before.cpu).Seconds() / o.rest.Seconds()},
		{"rss_mib", float64(after.rss) / (1 << 20)},
		{"polls_per_s", float64(after.lag.count()-before.lag.count()) / o.rest.Seconds()},
		{"lag_p99_ms", after.lag.since(before.lag).quantile(0.99) * 1000},
		{"api_writes_at_rest", after.writes - before.writes},
	}, nil
}

// reading is one look at the manager.
type reading struct {
	cpu    time.Duration
	rss    int64
	lag    buckets
	writes float64
}

func sample(ctx context.Context, manager *play.Manager) (reading, error) {
	var r reading
	var err error
	if r.cpu, r.rss, err = process(manager.Pid()); err != nil {
		return r, err
	}
	own, err := families(ctx, "http://"+metricsAddress+"/metrics")
	if err != nil {
		return r, err
	}
	if r.lag, err = histogram(own["checkpointhealth_schedule_lag_seconds"]); err != nil {
		return r, err
	}
	for _, m := range own["rest_client_requests_total"].GetMetric() {
		for _, label := range m.GetLabel() {
			if label.GetName() == "method" && label.GetValue() != http.MethodGet {
				r.writes += m.GetCounter().GetValue()
			}
		}
	}
	return r, nil
}

// process reads a process's CPU time and resident memory (Linux).
func process(pid int) (time.Duration, int64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("CPU of the manager: %w", err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 22 {
		return 0, 0, fmt.Errorf("CPU of the manager: %q is not /proc/PID/stat", stat)
	}
	// Fields 14, 15 and 24 of proc(5), counted from the state, which is field 3.
	ticks, err := clockTicks()
	if err != nil {
		return 0, 0, err
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	pages, _ := strconv.ParseInt(fields[21], 10, 64)
	return time.Duration(user+system) * time.Second / time.Duration(ticks), pages * int64(os.Getpagesize()), nil
}

// clockTicks is how many ticks of /proc make a second.
func clockTicks() (int64, error) {
	text, err := exec.Command("getconf", "CLK_TCK").Output()
	if err != nil {
		return 0, fmt.Errorf("getconf CLK_TCK: %w", err)
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}
