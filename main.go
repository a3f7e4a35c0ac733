// Command checkpoint-health is the operator (manager) and the same doctor without a cluster (diagnose, record, backtest, probe).
package main

import (
	"context"
	_ "embed" // the schema of policies
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"checkpointhealth.dev/operator/controllers"
	"checkpointhealth.dev/operator/controllers/cli"
)

// version is set by the linker.
var version = "development"

// policyCRD is what the API server holds a RemediationPolicy against; --policy is held against the same.
//
//go:embed config/crd/bases/flink.checkpointhealth.dev_remediationpolicies.yaml
var policyCRD []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	env := cli.Process(version)
	env.PolicyCRD = policyCRD
	root := cli.New(env, newManager())
	status := cli.ExitStatus(root.CommandPath(), root.ExecuteContext(ctx), os.Stderr)
	stop()
	os.Exit(status)
}

// newManager is the command that runs the operator.
func newManager() *cobra.Command {
	var o controllers.Options
	var level slog.Level // the zero value is info
	c := &cobra.Command{
		Use: "manager", Short: "Run the operator (in a pod the default)", Args: cobra.NoArgs,
		Long: "Runs the operator until it is told to stop. It needs a cluster: a kubeconfig, or a pod with a ServiceAccount.",
		RunE: func(c *cobra.Command, _ []string) error {
			logger := logr.FromSlogHandler(slog.NewJSONHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			ctrl.SetLogger(logger)
			klog.SetLogger(logger)
			o.Pod.Namespace, o.Pod.Name = os.Getenv("POD_NAMESPACE"), os.Getenv("POD_NAME")
			return controllers.Run(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.Namespaces, "namespaces", nil, "`NAMESPACES` to watch, separated by commas; default: all")
	f.DurationVar(&o.Poll, "poll-interval", controllers.DefaultPoll, "how often a healthy job is looked at")
	f.DurationVar(&o.ThreadDumpEvery, "thread-dump-every", controllers.DefaultThreadDumpEvery, "least time between two thread dumps of one job")
	f.DurationVar(&o.FlinkTimeout, "flink-timeout", controllers.DefaultFlinkTimeout, "how long to wait for one answer of a JobManager")
	f.StringVar(&o.FlinkProxyURL, "flink-proxy-url", "", "HTTP proxy `URL` through which JobManagers are reached; default: directly")
	f.StringArrayVar(&o.PrometheusHosts, "allow-prometheus-host", nil, "`HOST` at which policies may have a Prometheus asked, beside Services of the cluster; may be repeated")
	f.IntVar(&o.Workers, "workers", controllers.DefaultWorkers, "how many jobs are looked at in parallel")
	f.BoolVar(&o.Stop, "stop", false, "write nothing to any target: the stop switch as a flag")
	f.StringVar(&o.StopConfigMap, "stop-configmap", "", "`NAMESPACE/NAME` of a ConfigMap that stops all writes while its key stop is true")
	f.StringArrayVar(&o.Advisories, "advisories", nil, "YAML `FILE` with further known issues, or a directory of them; may be repeated")
	f.StringVar(&o.AdvisoriesConfigMap, "advisories-configmap", "", "`NAMESPACE/NAME` of a ConfigMap with further known issues, read anew every minute")
	f.StringVar(&o.ProbeImage, "probe-image", os.Getenv("PROBE_IMAGE"), "`IMAGE` of the pods that measure the network; default: $PROBE_IMAGE, else the manager's own")
	f.BoolVar(&o.LeaderElect, "leader-elect", true, "only one of several managers is active")
	f.StringVar(&o.LeaderElectionNamespace, "leader-election-namespace", "", "`NAMESPACE` of the lease; default: the manager's own, which only a pod has")
	f.StringVar(&o.MetricsAddress, "metrics-bind-address", ":8443", "`ADDRESS` of the metrics; 0 turns them off")
	f.BoolVar(&o.MetricsInsecure, "metrics-insecure", false, "serve metrics over plain HTTP without authentication; for a loopback address only")
	f.StringVar(&o.ProbeAddress, "health-probe-bind-address", ":8081", "`ADDRESS` of /healthz and /readyz; 0 turns them off")
	f.TextVar(&level, "log-level", level, "debug, info, warn or error")
	return c
}
