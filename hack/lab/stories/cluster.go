package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// cluster is Kubernetes, and Flink behind it, as the stories see them.
type cluster struct {
	client.WithWatch
	typed  kubernetes.Interface
	config *rest.Config
}

// connect reaches the cluster of a kubeconfig file; "" is $KUBECONFIG or the user's default.
func connect(kubeconfig string) (*cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("--kubeconfig %q: %w; expected the file that `make lab` names at its end", kubeconfig, err)
	}
	config.QPS = -1 // each story looks at three objects a second
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), api.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	c := &cluster{config: config}
	if c.WithWatch, err = client.NewWithWatch(config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	c.typed, err = kubernetes.NewForConfig(config)
	return c, err
}

// version is that of Kubernetes, such as v1.36.3.
func (c *cluster) version() (string, error) {
	v, err := c.typed.Discovery().ServerVersion()
	if err != nil {
		return "", fmt.Errorf("the cluster does not answer: %w; is it up (make lab)?", err)
	}
	return v.GitVersion, nil
}

// flink asks the JobManager of a FlinkDeployment through the API server's proxy.
func (c *cluster) flink(ctx context.Context, namespace, name, path string, answer any) error {
	raw, err := c.typed.CoreV1().RESTClient().Get().Namespace(namespace).Resource("services").Name(name + "-rest:8081").SubResource("proxy").
		Suffix(path).DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("GET %s of %s: %w", path, name, err)
	}
	return json.Unmarshal(raw, answer)
}

// pods are those of a component of a FlinkDeployment that run: jobmanager or taskmanager.
func (c *cluster) pods(ctx context.Context, namespace, name, component string) ([]corev1.Pod, error) {
	var all corev1.PodList
	err := c.List(ctx, &all, client.InNamespace(namespace), client.MatchingLabels{"app": name, "component": component})
	if err != nil {
		return nil, err
	}
	var running []corev1.Pod
	for i := range all.Items {
		if p := &all.Items[i]; p.Status.Phase == corev1.PodRunning && p.DeletionTimestamp == nil {
			running = append(running, *p)
		}
	}
	return running, nil
}

// write writes a file in the container of a running pod.
func (c *cluster) write(ctx context.Context, pod *corev1.Pod, path, text string) error {
	container := "flink-main-container"
	request := c.typed.CoreV1().RESTClient().Post().Namespace(pod.Namespace).Resource("pods").Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{
			Container: container, Command: []string{"sh", "-c", "cat > '" + path + "'"}, Stdin: true, Stderr: true,
		}, clientgoscheme.ParameterCodec)
	exec, err := remotecommand.NewWebSocketExecutor(c.config, "GET", request.URL().String())
	if err != nil {
		return err
	}
	var complaint bytes.Buffer
	err = exec.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: strings.NewReader(text), Stderr: &complaint})
	if err != nil {
		return fmt.Errorf("writing %s in pod %s: %w %s", path, pod.Name, err, complaint.String())
	}
	return nil
}
