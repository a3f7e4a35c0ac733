// Command cmd serves simulated Flink jobs on loopback: one job as a JobManager of its own, or many behind an HTTP proxy.
//
//	go run ./hack/flinksim/cmd -list
//	go run ./hack/flinksim/cmd -case payments -listen 127.0.0.1:8081
//	go run ./hack/flinksim/cmd -fleet 1000 -listen 127.0.0.1:8081     as a proxy for http://job-0000-rest.fleet:8081 and so on
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"checkpointhealth.dev/operator/hack/flinksim"
)

// Namespaces of what is served as a proxy.
const (
	casesNamespace = "demo"
	fleetNamespace = "fleet"
)

type options struct {
	listen   string
	name     string
	fleet    int
	vertices int
	age      time.Duration
	list     bool
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8081", "address to listen on")
	flag.StringVar(&o.name, "case", "", "serve this one job whatever the host is called")
	flag.IntVar(&o.fleet, "fleet", 0, "serve so many healthy jobs as a proxy, instead of the cases")
	flag.IntVar(&o.vertices, "vertices", 20, "vertices of each job of the fleet")
	flag.DurationVar(&o.age, "age", time.Minute, "how long the jobs have been running already")
	flag.BoolVar(&o.list, "list", false, "list the cases and end")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "flinksim:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.list {
		for _, c := range flinksim.Cases() {
			fmt.Printf("%-16s %-20s %-16s %s\n", c.Name, c.Cause, c.SubCause, c.About)
		}
		return nil
	}
	handler, what, err := handlerOf(o)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.listen, err)
	}
	fmt.Printf("flinksim: %s on http://%s\n", what, listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if err := server.Close(); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// handlerOf makes the jobs asked for and runs them.
func handlerOf(o options) (handler http.Handler, what string, err error) {
	server := flinksim.NewServer(flinksim.SystemClock{}, flinksim.QuickStartup(), flinksim.RealWait)
	if o.name != "" {
		c, ok := flinksim.CaseNamed(o.name)
		if !ok {
			return nil, "", fmt.Errorf("there is no case %q; -list names them", o.name)
		}
		j := server.Add(casesNamespace, c.Name, c)
		return flinksim.JobHandler(j, flinksim.RealWait), "job " + c.Name, begin(j, o.age)
	}
	cases, namespace := flinksim.Cases(), casesNamespace
	if o.fleet > 0 {
		cases, namespace = nil, fleetNamespace
		for i := range o.fleet {
			cases = append(cases, flinksim.FleetCase(i, o.vertices))
		}
	}
	for _, c := range cases {
		if err := begin(server.Add(namespace, c.Name, c), o.age); err != nil {
			return nil, "", err
		}
	}
	return server, fmt.Sprintf("%d jobs of namespace %s, as an HTTP proxy", len(cases), namespace), nil
}

func begin(j *flinksim.Job, age time.Duration) error {
	s, err := j.InitialSettings()
	if err != nil {
		return err
	}
	return j.DeployedFor(age, s)
}
