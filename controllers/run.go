package controllers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Options are the manager's flags, resolved.
type Options struct {
	// Config is how the API server is reached; nil means as every controller does (kubeconfig or in-cluster).
	Config *rest.Config
	// Namespaces are the namespaces that are watched; none means all.
	Namespaces []string
	// MetricsAddress and ProbeAddress are listen addresses; "0" turns the server off.
	MetricsAddress, ProbeAddress string
	// MetricsInsecure serves metrics over plain HTTP without authentication (for a loopback address only).
	MetricsInsecure bool
	LeaderElect     bool
	// LeaderElectionNamespace is where the lease is; empty means the pod's own namespace.
	LeaderElectionNamespace string
	// Poll is how often a healthy job is looked at.
	Poll time.Duration
	// ThreadDumpEvery is the least time between two thread dumps of one job.
	ThreadDumpEvery time.Duration
	// FlinkTimeout bounds one request to a JobManager. A starved JobManager answers in up to 40 s (measured).
	FlinkTimeout time.Duration
	// FlinkProxyURL is an HTTP proxy through which JobManagers are reached, for a manager outside of the cluster's network. Empty: directly.
	FlinkProxyURL string
	// PrometheusHosts are hosts, beside Services of the cluster, at which a policy may have a Prometheus asked.
	PrometheusHosts []string
	// Workers is how many CheckpointHealths are looked at side by side.
	Workers int
	// Stop is the stop switch as a flag; StopConfigMap is NAMESPACE/NAME of the one that can be thrown without a restart.
	Stop          bool
	StopConfigMap string
	// Advisories are YAML files with further known issues, or directories of them; AdvisoriesConfigMap is NAMESPACE/NAME of a ConfigMap of
	// them. Both are looked at every minute.
	Advisories          []string
	AdvisoriesConfigMap string
	// ProbeImage is the image of probe pods; empty means that of Pod, which is the manager's own pod where it runs in one.
	ProbeImage string
	Pod        types.NamespacedName
}

// Defaults of the manager's flags.
const (
	// DefaultPoll is how often a healthy job is looked at.
	DefaultPoll = 30 * time.Second
	// DefaultThreadDumpEvery keeps thread dumps rare: each stops the world of a process for some milliseconds.
	DefaultThreadDumpEvery = 3 * time.Minute
	// DefaultFlinkTimeout is above the 40 s that a starved JobManager took at worst (measured).
	DefaultFlinkTimeout = 45 * time.Second
	// DefaultWorkers: workers ≥ 1.5 × (objects / poll seconds) × p95 pass seconds; 10,000 at 30 s and 0.08 s a pass need 40.
	DefaultWorkers = 64
	// reconcileTimeout bounds one pass: a deep pass makes some tens of requests, one of which may take FlinkTimeout.
	reconcileTimeout = 3 * time.Minute
)

// Scheme knows every kind the manager reads or writes in typed form.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, api.AddToScheme, metricsv1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("scheme: %w", err)
		}
	}
	return scheme, nil
}

// Run runs the manager until the context ends.
func Run(ctx context.Context, options Options) error {
	if err := options.check(); err != nil {
		return err
	}
	config := options.Config
	if config == nil {
		var err error
		if config, err = ctrl.GetConfig(); err != nil {
			return fmt.Errorf("no way to an API server: %w; set KUBECONFIG or run in a cluster", err)
		}
	}
	managerOptions, err := managerOptions(&options)
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(config, managerOptions)
	if err != nil {
		return fmt.Errorf("manager: %w", err)
	}
	if err := manager.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return fmt.Errorf("health check: %w", err)
	}
	if err := manager.AddReadyzCheck("readyz", cacheSynced(manager)); err != nil {
		return fmt.Errorf("readiness check: %w", err)
	}
	if err := Setup(manager, options); err != nil {
		return err
	}
	if err := manager.Start(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("manager: %w", err)
	}
	return nil
}

// cacheSynced is ready once the caches hold what the API server has.
func cacheSynced(manager ctrl.Manager) healthz.Checker {
	return func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), time.Second)
		defer cancel()
		if !manager.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
}

// managerOptions are the manager's options: one informer cache with stripped objects, secrets and other rare reads past it.
func managerOptions(options *Options) (ctrl.Options, error) {
	scheme, err := Scheme()
	if err != nil {
		return ctrl.Options{}, err
	}
	metrics := metricsserver.Options{BindAddress: options.MetricsAddress}
	if !options.MetricsInsecure && options.MetricsAddress != "0" {
		metrics.SecureServing = true
		metrics.FilterProvider = filters.WithAuthenticationAndAuthorization
		metrics.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.MinVersion = tls.VersionTLS12 }}
	}
	return ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cacheOptions(options.Namespaces),
		Client:                        clientOptions(),
		Metrics:                       metrics,
		HealthProbeBindAddress:        options.ProbeAddress,
		LeaderElection:                options.LeaderElect,
		LeaderElectionID:              api.LeaseName,
		LeaderElectionNamespace:       options.LeaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
	}, nil
}

// flinkTransport is the one pool of connections to all JobManagers. The environment's proxies are not used: a JobManager's Service is in
// the cluster.
func flinkTransport(proxy string) (*http.Transport, error) {
	transport := &http.Transport{
		MaxIdleConns: 4096, MaxIdleConnsPerHost: 2, IdleConnTimeout: 2 * time.Minute,
		TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: false,
	}
	if proxy == "" {
		return transport, nil
	}
	address, err := url.Parse(proxy)
	if err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https") {
		return nil, fmt.Errorf("--flink-proxy-url is not an address such as http://127.0.0.1:3128")
	}
	transport.Proxy = http.ProxyURL(address)
	// Through a proxy all JobManagers share one host's connections.
	transport.MaxIdleConnsPerHost = 256
	return transport, nil
}

// namespacedName reads the value of a flag of the form NAMESPACE/NAME.
func namespacedName(flag, text string) (types.NamespacedName, error) {
	if text == "" {
		return types.NamespacedName{}, nil
	}
	namespace, name, ok := strings.Cut(text, "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return types.NamespacedName{}, fmt.Errorf("%s %q is not NAMESPACE/NAME", flag, text)
	}
	return types.NamespacedName{Namespace: namespace, Name: name}, nil
}
