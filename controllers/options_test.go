package controllers

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// good are options that nothing is wrong with.
func good() Options {
	return Options{Poll: DefaultPoll, ThreadDumpEvery: DefaultThreadDumpEvery, FlinkTimeout: DefaultFlinkTimeout, Workers: DefaultWorkers,
		MetricsAddress: ":8443", ProbeAddress: "0", Namespaces: []string{"prod"}, StopConfigMap: "prod/stop"}
}

// What is wrong with a flag is said by its name and value, with what would be right, before the API server is asked anything.
func TestFlagsAreCheckedFirst(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	for want, spoil := range map[string]func(*Options){
		"--poll-interval is 0s, expected a duration above 0":                                     func(o *Options) { o.Poll = 0 },
		"--thread-dump-every is -1s":                                                             func(o *Options) { o.ThreadDumpEvery = -time.Second },
		"--flink-timeout is -1s":                                                                 func(o *Options) { o.FlinkTimeout = -time.Second },
		"--workers is 0, expected at least 1":                                                    func(o *Options) { o.Workers = 0 },
		"--flink-proxy-url is not an address":                                                    func(o *Options) { o.FlinkProxyURL = "proxy" },
		`--allow-prometheus-host "http://p" is not a host`:                                       func(o *Options) { o.PrometheusHosts = []string{"http://p"} },
		`--metrics-bind-address "8443" is no address`:                                            func(o *Options) { o.MetricsAddress = "8443" },
		`--health-probe-bind-address ":http" is no address`:                                      func(o *Options) { o.ProbeAddress = ":http" },
		"--metrics-insecure goes with a loopback address":                                        func(o *Options) { o.MetricsInsecure = true },
		`--metrics-insecure goes with a loopback address only, and --metrics-bind-address is ""`: func(o *Options) { o.MetricsInsecure, o.MetricsAddress = true, "" },
		`--namespaces "Prod" holds no name`:                                                      func(o *Options) { o.Namespaces = []string{"prod", "Prod"} },
		`--namespaces "" holds no name`:                                                          func(o *Options) { o.Namespaces = []string{""} },
		`--leader-election-namespace "a/b" is no name`:                                           func(o *Options) { o.LeaderElectionNamespace = "a/b" },
		`--stop-configmap "stop" is not NAMESPACE/NAME`:                                          func(o *Options) { o.StopConfigMap = "stop" },
		`--advisories-configmap "/x" is not NAMESPACE/NAME`:                                      func(o *Options) { o.AdvisoriesConfigMap = "/x" },
		"--advisories: ": func(o *Options) { o.Advisories = []string{filepath.Join(t.TempDir(), "none.yaml")} },
	} {
		options := good()
		options.Config = &rest.Config{Host: server.URL}
		spoil(&options)
		if err := Run(t.Context(), options); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if asked > 0 {
		t.Errorf("the API server was asked %d times", asked)
	}
	options := good()
	for _, address := range []string{"127.0.0.1:8080", "localhost:8080", "0"} {
		options.MetricsInsecure, options.MetricsAddress = true, address
		if err := options.check(); err != nil {
			t.Errorf("good flags: %v", err)
		}
	}
}
