package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/pflag"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// access is how a REST API is reached.
type access struct {
	headers   []string
	tokenFile string
	caFile    string
	timeout   time.Duration
}

func (a *access) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&a.headers, "header", nil, "`NAME:VALUE` to send with every request; may be repeated")
	f.StringVar(&a.tokenFile, "bearer-token-file", "", "`FILE` with a token to send as Authorization: Bearer; read anew for each request")
	f.StringVar(&a.caFile, "ca-file", "", "`FILE` with the certificate authorities (PEM) to trust; default: the system's")
	// A starved JobManager took up to 40 s to answer (measured); one that gives up before is blind just then.
	f.DurationVar(&a.timeout, "request-timeout", 45*time.Second, "how long to wait for one answer")
}

// options are the client's options; none of their errors names a credential.
func (a *access) options() ([]flink.Option, error) {
	out := []flink.Option{flink.WithTimeout(a.timeout), flink.WithUnauthorizedHint("see --header and --bearer-token-file")}
	for _, h := range a.headers {
		name, value, found := strings.Cut(h, ":")
		if !found {
			return nil, fmt.Errorf("--header has no colon, expected NAME:VALUE")
		}
		out = append(out, flink.WithHeader(strings.TrimSpace(name), strings.TrimSpace(value)))
	}
	if a.tokenFile != "" {
		source := func() (string, error) {
			raw, err := os.ReadFile(a.tokenFile)
			if err != nil {
				return "", fmt.Errorf("--bearer-token-file: %w", err)
			}
			return strings.TrimSpace(string(raw)), nil
		}
		if _, err := source(); err != nil {
			return nil, err
		}
		out = append(out, flink.WithBearerTokenSource(source))
	}
	return out, nil
}

// shownAddress is what errors show of an address that cannot be used: nothing before an @ and nothing behind a question mark, for there
// people put passwords and tokens.
func shownAddress(address string) string {
	address, _, _ = strings.Cut(address, "?")
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return address[at+1:]
	}
	return address
}

// transport is the way to the REST API.
func (a *access) transport() (*http.Transport, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute}
	if a.caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(a.caFile)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca-file %s holds no certificate in PEM", a.caFile)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// jobID is Flink's form of a job's id, and cutID that of one that somebody cut, with or without dots behind it.
var (
	jobID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	cutID = regexp.MustCompile(`^([0-9a-fA-F]{6,31})(?:…|\.\.+)?$`)
)

// selector reads --job: an id of 32 hexadecimal digits, a name, or the beginning of an id, which may be a name as well.
func selector(job string) observe.Selector {
	if jobID.MatchString(job) {
		return observe.Selector{ID: strings.ToLower(job)}
	}
	if cut := cutID.FindStringSubmatch(job); cut != nil {
		return observe.Selector{Name: job, IDPrefix: strings.ToLower(cut[1])}
	}
	return observe.Selector{Name: job}
}

// patient is a live job under observation.
type patient struct {
	env        *Environment
	doctor     Doctor
	policy     *model.Policy
	connection *observe.Connection
	options    observe.Options
	memory     observe.Memory
}

func (a *access) patient(env *Environment, doctor Doctor, policy *model.Policy, url, job string) (*patient, error) {
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	transport, err := a.transport()
	if err != nil {
		return nil, err
	}
	connection, err := observe.Connect(url, append(options, flink.WithTransport(transport), flink.WithClock(env.Now))...)
	if err != nil {
		return nil, err
	}
	return &patient{env: env, doctor: doctor, policy: policy, connection: connection, options: observe.Options{
		Selector: selector(job), Deep: true, Now: env.Now, NoLogs: policy.Logs == api.LogSourceOff,
	}}, nil
}

// look is one pass.
func (p *patient) look(ctx context.Context) (*model.Pass, error) {
	s, err := observe.Flink(ctx, p.connection, p.options, &p.memory)
	if err != nil {
		return nil, err
	}
	pass := walk(p.doctor, &s, p.policy, s.At)
	p.memory.Judged(s.At, &s, &pass.Diagnosis)
	return pass, nil
}

// lookFor looks until a time has passed by the clock, and once more at its end: counters tell by their differences. With enough it ends as soon
// as they have told and no checkpoint is pending whose stacks are worth another look. A job that cannot be judged at first sight is not waited for.
func (p *patient) lookFor(ctx context.Context, whole time.Duration, enough bool) (*model.Pass, error) {
	// Two dumps some seconds apart tell stuck from slow; later looks keep to the usual pause between dumps.
	p.options.StackEvery = lookEvery / 2
	defer func() { p.options.StackEvery = 0 }()
	progress(p.env, "asking %s", p.connection.Client.URL())
	start := p.env.Now()
	pass, err := p.look(ctx)
	if err != nil || !pass.Snapshot.Availability.Judgeable() {
		return pass, err
	}
	every := max(lookEvery, whole/mostLooks)
	for {
		left := whole - p.env.Now().Sub(start)
		if left <= 0 || enough && told(pass.Snapshot) {
			return pass, nil
		}
		step := min(left, every)
		progress(p.env, "%s: looking again in %s, to compare counters (%s left)", orElse(pass.Snapshot.Job.Name, "job"), step, left.Round(time.Second))
		if err := p.env.Wait(ctx, step); err != nil {
			return nil, err
		}
		if pass, err = p.look(ctx); err != nil {
			return nil, err
		}
	}
}

// told tells that two different samples of the JobManager's counters came, and that nothing is pending.
func told(s *model.Snapshot) bool {
	for i := range s.Checkpoints.History {
		if s.Checkpoints.History[i].Status == model.CheckpointInProgress {
			return false
		}
	}
	return s.JobManager.CPUUsage.Known
}

const (
	// lookEvery is the least time between two looks of a longer observation, and mostLooks how many there are at most after the first.
	lookEvery = 5 * time.Second
	mostLooks = 12
	// lookLong is how long to look where nobody says: the first request makes Flink fetch its counters, the first one 10 s later
	// (metrics.fetcher.update-interval) fetches them once more, and the look after that brings them: 15 s, with looks that take a while 25.
	lookLong = 25 * time.Second
)

// progress tells a person at a terminal what is being waited for.
func progress(env *Environment, format string, args ...any) {
	if env.ErrTerminal {
		say(env.Err, format+"\n", args...)
	}
}
