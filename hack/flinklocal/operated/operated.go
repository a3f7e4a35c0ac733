// Package operated puts real local Flinks in the place of the clusters that the stand-in for the Flink operator deploys, and
// lets the operator's manager reach them under the names their Services have.
package operated

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"

	"checkpointhealth.dev/operator/hack/flinklocal"
	"checkpointhealth.dev/operator/hack/standin"
)

// Choose says what the cluster of a FlinkDeployment is made of, when it is first deployed.
type Choose func(ctx context.Context, spec standin.Spec) (flinklocal.Options, error)

// Fleet are the clusters deployed so far. It is a forward proxy as well: a request for <name>-rest.<namespace>, with whatever
// domain and port, goes to the JobManager of that FlinkDeployment.
type Fleet struct {
	life   context.Context
	choose Choose

	mu       sync.RWMutex
	clusters map[string]*flinklocal.Cluster // by <name>.<namespace>
}

// NewFleet makes clusters that end with ctx.
func NewFleet(ctx context.Context, choose Choose) *Fleet {
	return &Fleet{life: ctx, choose: choose, clusters: map[string]*flinklocal.Cluster{}}
}

// Factory is what the stand-in asks for the cluster of a FlinkDeployment.
func (f *Fleet) Factory(ctx context.Context, spec standin.Spec) (standin.Cluster, error) {
	opts, err := f.choose(ctx, spec)
	if err != nil {
		return nil, err
	}
	c, err := flinklocal.New(f.life, opts)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clusters[key(spec.Namespace, spec.Name)] = c
	return cluster{c}, nil
}

// Cluster is that of a FlinkDeployment, nil before it is first deployed.
func (f *Fleet) Cluster(namespace, name string) *flinklocal.Cluster {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.clusters[key(namespace, name)]
}

// Close stops all clusters and removes what they wrote.
func (f *Fleet) Close() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var all []error
	for _, c := range f.clusters {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}

func key(namespace, name string) string { return name + "." + namespace }

// serving finds the cluster that a host such as orders-rest.default.svc:8081 means.
func (f *Fleet) serving(host string) *flinklocal.Cluster {
	host, _, _ = strings.Cut(host, ":")
	service, rest, _ := strings.Cut(host, ".")
	namespace, _, _ := strings.Cut(rest, ".")
	name, ok := strings.CutSuffix(service, "-rest")
	if !ok {
		return nil
	}
	return f.Cluster(namespace, name)
}

// ServeHTTP passes a request on to the JobManager that its host names; a host that names none is answered 502, as by a proxy.
func (f *Fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Host // a request to a proxy names it in the URL
	if host == "" {
		host = r.Host
	}
	c := f.serving(host)
	if c == nil {
		http.Error(w, fmt.Sprintf("no Flink is deployed for host %q: want <name>-rest.<namespace>", host), http.StatusBadGateway)
		return
	}
	target, err := url.Parse(c.URL())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) },
		// A JobManager that is starting refuses: the client sees it, and a demo's screen is no place for a line each.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
}

// cluster is a flinklocal.Cluster as the stand-in knows it; the rest of the methods are the same.
type cluster struct{ *flinklocal.Cluster }

var (
	_ standin.Cluster     = cluster{}
	_ standin.Savepointer = cluster{}
	_ standin.Identified  = cluster{}
	_ standin.Removable   = cluster{}
)

// Deploy starts what the spec asks for.
func (c cluster) Deploy(ctx context.Context, spec standin.Spec) error {
	return c.Cluster.Deploy(ctx, flinklocal.Spec(spec))
}

// Remove ends what a restart leaves running as well, and removes what the cluster wrote.
func (c cluster) Remove(context.Context) error { return c.Close() }
