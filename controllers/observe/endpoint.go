package observe

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// defaultPort is Flink's rest.port (RestOptions, 1.15 to 2.3).
const defaultPort = 8081

// Endpoint is the base URL of the target's REST API: the Service NAME-rest of the target's own namespace, port 8081, unless
// its kind has another, or what spec.endpoint says instead. It is always a Service of that namespace: a CheckpointHealth is no way to reach other addresses.
func Endpoint(target *model.Target, spec *api.Endpoint) (string, error) {
	service, port, scheme := serviceName(target, spec), int32(defaultPort), "http"
	switch {
	case spec.Port != 0:
		port = spec.Port
	case target.Port != 0:
		port = target.Port
	}
	if spec.TLS != nil {
		scheme = "https"
	}
	if service == "" {
		return "", fmt.Errorf("spec.endpoint.serviceName is not set and %s %s names no cluster; name the Service in front of the JobManager", target.Kind, target.Name)
	}
	for field, value := range map[string]string{"spec.endpoint.serviceName": service, "metadata.namespace": target.Namespace} {
		if !label(value) {
			return "", fmt.Errorf("%s %q is not a name of a Service or namespace: lower case letters, digits and '-'", field, cleanText(value, 80))
		}
	}
	if port < 1 || port > 65535 {
		return "", fmt.Errorf("spec.endpoint.port %d is not a port, expected 1 to 65535", port)
	}
	return scheme + "://" + net.JoinHostPort(service+"."+target.Namespace+".svc", strconv.Itoa(int(port))), nil
}

func serviceName(target *model.Target, spec *api.Endpoint) string {
	if spec.ServiceName != "" {
		return spec.ServiceName
	}
	if target.Service != "" || target.Cluster == "" {
		return target.Service
	}
	return target.Cluster + "-rest"
}

// label tells a DNS-1123 label, which cannot lead to another host.
func label(name string) bool {
	if name == "" || len(name) > 63 || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }) < 0
}

// CheckService refuses a Service that leads out of the namespace: type ExternalName is an alias for any host name. A Service that is not
// there is no problem: the Flink operator deletes and makes it again at every upgrade. The problem is a sentence for the user, the error one
// that a retry may cure.
func CheckService(ctx context.Context, reader client.Reader, target *model.Target, spec *api.Endpoint) (problem string, err error) {
	name := serviceName(target, spec)
	var service corev1.Service
	if err := reader.Get(ctx, client.ObjectKey{Namespace: target.Namespace, Name: name}, &service); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return "", nil
		}
		return "", fmt.Errorf("service %s cannot be read: %w", name, err)
	}
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return fmt.Sprintf("Service %s is of type ExternalName, which leads out of the namespace; expected one that selects the JobManager's pods", name), nil
	}
	return "", nil
}
