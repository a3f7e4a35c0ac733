package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/hack/demo/play"
	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/flinksim"
	"checkpointhealth.dev/operator/hack/standin/simulated"
)

// standalonePrefix comes before the name of a case that runs without the Flink operator.
const standalonePrefix = "standalone-"

// standalone is a part as a user without the Flink operator writes it: the Deployment of an application's JobManager and the ConfigMap with
// its configuration, a flink-conf.yaml for Flink 1 and a config.yaml for Flink 2.
func (c *cast) standalone(name string) (*unstructured.Unstructured, []client.Object, error) {
	theCase, version := c.cases[name], c.versions[name]
	config := maps.Clone(theCase.Config)
	maps.Copy(config, map[string]string{
		"high-availability.type": "zookeeper", "high-availability.storageDir": "file:///flink/ha",
		"high-availability.zookeeper.quorum": "zookeeper:2181",
	})
	form := simulated.FormYAML
	if strings.HasPrefix(version, "1.") {
		form = simulated.FormLines
	}
	deployment, file := simulated.Standalone(play.Namespace, flinksim.Case{Name: name, Version: version, Config: config, CPU: 1, Memory: "1088m"}, form)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(deployment)
	if err != nil {
		return nil, nil, fmt.Errorf("deployment %s: %w", name, err)
	}
	target := &unstructured.Unstructured{Object: content}
	target.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("Deployment"))
	return target, []client.Object{file}, nil
}

// tellConfiguration prints the ConfigMap of a standalone part, as it is now.
func tellConfiguration(ctx context.Context, reader client.Reader, name string, c *cast) error {
	if c.modes[name] == flinklocal.Operated {
		return nil
	}
	var file corev1.ConfigMap
	key := client.ObjectKey{Namespace: play.Namespace, Name: simulated.ConfigMapName(flinksim.Case{Name: name})}
	if err := reader.Get(ctx, key, &file); err != nil {
		return fmt.Errorf("ConfigMap %s: %w", key, err)
	}
	for _, form := range []simulated.Form{simulated.FormLines, simulated.FormYAML} {
		if text, there := file.Data[string(form)]; there {
			fmt.Printf("\nConfigMap %s, %s:\n%s", file.Name, form, text)
		}
	}
	return nil
}

// recovery is what tells a job that was recovered from one that was submitted anew: the settings of the job and of its JobManager.
type recovery struct {
	job      string
	ioPool   string
	timeout  int64 // ms
	restored int
}

func (r recovery) String() string {
	return fmt.Sprintf("job %s, restored %d times, jobmanager.io-pool.size %s, timeout %d ms", r.job, r.restored, r.ioPool, r.timeout)
}

func recoveryOf(ctx context.Context, cluster *flinklocal.Cluster) (recovery, error) {
	r := recovery{job: cluster.JobID()}
	config, err := cluster.JobManagerConfig(ctx)
	if err != nil {
		return r, err
	}
	r.ioPool = config["jobmanager.io-pool.size"]
	settings, err := cluster.CheckpointConfig(ctx)
	if err != nil {
		return r, err
	}
	r.timeout = settings.Timeout
	seen, err := cluster.Checkpoints(ctx)
	r.restored = seen.Counts.Restored
	return r, err
}
