package controlplane

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// tokenSeconds is how long a service account's token lives: a day, longer than
// any test, demo or benchmark.
const tokenSeconds int64 = 24 * 60 * 60

// ServiceAccountConfig returns a configuration that acts as the service account
// and nobody more: its token comes from the TokenRequest API, as a pod's does,
// and RBAC decides what it may do. The service account must exist.
func (c *ControlPlane) ServiceAccountConfig(ctx context.Context, namespace, name string) (*rest.Config, error) {
	seconds := tokenSeconds
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	if err := c.client.SubResource("token").Create(ctx, account, request); err != nil {
		return nil, fmt.Errorf("token for service account %s/%s: %w", namespace, name, err)
	}
	config := rest.AnonymousClientConfig(c.env.Config)
	config.BearerToken = request.Status.Token
	return config, nil
}

// ServiceAccountKubeconfig returns ServiceAccountConfig as a kubeconfig file,
// for a manager that runs as its own process.
func (c *ControlPlane) ServiceAccountKubeconfig(ctx context.Context, namespace, name string) ([]byte, error) {
	config, err := c.ServiceAccountConfig(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	const entry = "controlplane"
	return clientcmd.Write(clientcmdapi.Config{
		CurrentContext: entry,
		Clusters: map[string]*clientcmdapi.Cluster{
			entry: {Server: config.Host, CertificateAuthorityData: config.CAData},
		},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{entry: {Token: config.BearerToken}},
		Contexts: map[string]*clientcmdapi.Context{
			entry: {Cluster: entry, AuthInfo: entry, Namespace: namespace},
		},
	})
}
