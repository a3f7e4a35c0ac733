package controllers

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// check refuses flags that nothing could be done with, before anything is asked: what is wrong with them no API server need tell.
func (o *Options) check() error {
	for _, check := range []func(*Options) error{checkNumbers, checkAddresses, checkNames, checkOwnFiles} {
		if err := check(o); err != nil {
			return err
		}
	}
	return nil
}

func checkNumbers(o *Options) error {
	switch {
	case o.Poll <= 0:
		return fmt.Errorf("--poll-interval is %s, expected a duration above 0, such as %s", o.Poll, DefaultPoll)
	case o.ThreadDumpEvery < 0:
		return fmt.Errorf("--thread-dump-every is %s, expected a duration such as %s", o.ThreadDumpEvery, DefaultThreadDumpEvery)
	case o.FlinkTimeout <= 0:
		return fmt.Errorf("--flink-timeout is %s, expected a duration above 0, such as %s", o.FlinkTimeout, DefaultFlinkTimeout)
	case o.Workers < 1:
		return fmt.Errorf("--workers is %d, expected at least 1", o.Workers)
	}
	return nil
}

func checkAddresses(o *Options) error {
	if _, err := flinkTransport(o.FlinkProxyURL); err != nil {
		return err
	}
	if err := checkedHosts(o.PrometheusHosts); err != nil {
		return err
	}
	if err := checkListen("--metrics-bind-address", o.MetricsAddress); err != nil {
		return err
	}
	if err := checkListen("--health-probe-bind-address", o.ProbeAddress); err != nil {
		return err
	}
	if !o.MetricsInsecure || o.MetricsAddress == "0" {
		return nil
	}
	if host, _, err := net.SplitHostPort(o.MetricsAddress); err != nil || !loopback(host) { // empty is :8080, at every address
		return fmt.Errorf("--metrics-insecure goes with a loopback address only, and --metrics-bind-address is %q: expected one such as 127.0.0.1:8080", o.MetricsAddress)
	}
	return nil
}

// checkListen refuses what is no address to listen at. Empty is the server's own default, and 0 turns it off.
func checkListen(flag, address string) error {
	if address == "" || address == "0" {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%s %q is no address, expected one such as :8443 or 127.0.0.1:8443, or 0 for none", flag, address)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func checkNames(o *Options) error {
	for _, namespace := range o.Namespaces {
		if wrong := validation.IsDNS1123Label(namespace); len(wrong) > 0 {
			return fmt.Errorf("--namespaces %q holds no name of a namespace: %s", namespace, strings.Join(wrong, "; "))
		}
	}
	if wrong := validation.IsDNS1123Label(o.LeaderElectionNamespace); o.LeaderElectionNamespace != "" && len(wrong) > 0 {
		return fmt.Errorf("--leader-election-namespace %q is no name of a namespace: %s", o.LeaderElectionNamespace, strings.Join(wrong, "; "))
	}
	if _, err := namespacedName("--stop-configmap", o.StopConfigMap); err != nil {
		return err
	}
	_, err := namespacedName("--advisories-configmap", o.AdvisoriesConfigMap)
	return err
}

// checkOwnFiles reads the known issues once: a file that is not there is an error at the start.
func checkOwnFiles(o *Options) error {
	_, err := readAdvisories(o.Advisories)
	return err
}
