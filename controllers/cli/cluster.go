package cli

import (
	"context"
	"errors"
	"fmt"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// fromCluster reads a CheckpointHealth, what the manager found out, through a client that it returns as well. namespace may be empty: then it is the
// kubeconfig's.
func fromCluster(ctx context.Context, kubeconfig, kubeContext, namespace, name string) (*api.CheckpointHealth, client.Client, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: kubeContext})
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, nil, fmt.Errorf("no way to a cluster: %w; set KUBECONFIG or --kubeconfig, or give the URL of a JobManager instead", err)
	}
	if namespace == "" {
		if namespace, _, err = loader.Namespace(); err != nil {
			return nil, nil, fmt.Errorf("the kubeconfig's namespace: %w; give one with -n", err)
		}
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(api.AddToScheme(scheme), coordinationv1.AddToScheme(scheme)); err != nil {
		return nil, nil, fmt.Errorf("scheme: %w", err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", config.Host, err)
	}
	var object api.CheckpointHealth
	err = c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &object)
	switch {
	case meta.IsNoMatchError(err):
		return nil, nil, fmt.Errorf("%s knows no CheckpointHealth: the operator's CRDs are not installed there", config.Host)
	case apierrors.IsNotFound(err):
		return nil, nil, notThere(ctx, c, config.Host, namespace, name)
	case apierrors.IsForbidden(err):
		return nil, nil, fmt.Errorf("%s does not let you read CheckpointHealth %s/%s: %w", config.Host, namespace, name, err)
	case err != nil:
		return nil, nil, fmt.Errorf("reading CheckpointHealth %s/%s: %w", namespace, name, err)
	}
	return &object, c, nil
}

// notThere says that there is no such CheckpointHealth, whether that is for want of its namespace, and where else one of that name is; each as far as
// the cluster lets it be known.
func notThere(ctx context.Context, c client.Client, host, namespace, name string) error {
	text := fmt.Sprintf("namespace %q of %s has no CheckpointHealth %q", namespace, host, name)
	space := metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}}
	if err := c.Get(ctx, client.ObjectKey{Name: namespace}, &space); apierrors.IsNotFound(err) {
		text = fmt.Sprintf("%s has no namespace %q", host, namespace)
	}
	var others api.CheckpointHealthList
	if err := c.List(ctx, &others); err != nil {
		return fmt.Errorf("%s; see kubectl get checkpointhealths -A", text)
	}
	var found []string
	for i := range others.Items {
		if others.Items[i].Name == name {
			found = append(found, "-n "+others.Items[i].Namespace)
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("%s, nor has any other namespace one of that name; see kubectl get checkpointhealths -A", text)
	}
	return fmt.Errorf("%s; there is one of that name with %s", text, someOf(found))
}
