package campaign

import (
	"context"
	"net/http"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/apply"
	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
	"checkpointhealth.dev/operator/controllers/plan"
	"checkpointhealth.dev/operator/controllers/recording"
	"checkpointhealth.dev/operator/controllers/verify"
)

// answerPatience is how long one answer may take: a starved JobManager took 37 s (measured).
const answerPatience = 45 * time.Second

// stackEvery is the least time between two looks at the stacks. A sick phase is a minute here, where in production it is an hour.
const stackEvery = 5 * time.Second

// patient is a job that is looked at as the manager does, without Kubernetes.
type patient struct {
	doctor   *diagnose.Doctor
	policy   model.Policy
	options  observe.Options
	recorded *observe.Connection // keeps what it is told
	plain    *observe.Connection
	memory   observe.Memory
	receipts []model.Receipt // of what was tried, newest first
}

// newPatient looks at the job with this id at this address; out takes what the recorded passes are told.
func newPatient(address, job string, out *recording.Writer) (*patient, error) {
	doctor, err := diagnose.NewDoctor()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DisableKeepAlives: true} // the JobManager at the other end is replaced now and then
	p := &patient{doctor: doctor, policy: model.ResolvePolicy("", nil),
		options: observe.Options{Selector: observe.Selector{ID: job}, Deep: true, Now: time.Now, StackEvery: stackEvery, Pause: observe.Pause}}
	recorder := recording.NewRecorder(transport, out, recording.WithClock(time.Now))
	if p.recorded, err = connect(address, recorder); err != nil {
		return nil, err
	}
	p.plain, err = connect(address, transport)
	return p, err
}

func connect(address string, transport http.RoundTripper) (*observe.Connection, error) {
	return observe.Connect(address, flink.WithTransport(transport), flink.WithClock(time.Now), flink.WithTimeout(answerPatience))
}

// look is one pass; what it is told is kept in the recording where keep says so.
func (p *patient) look(ctx context.Context, keep bool) (*model.Pass, error) {
	connection := p.plain
	if keep {
		connection = p.recorded
	}
	s, err := observe.Flink(ctx, connection, p.options, &p.memory)
	if err != nil {
		return nil, err
	}
	s.Target.Receipts = slices.Clone(p.receipts)
	pass := &model.Pass{Now: s.At, Snapshot: &s, Policy: p.policy}
	pass.Diagnosis = p.doctor.Diagnose(&s, &p.policy, s.At)
	pass.Verification = verify.Verify(&s, &pass.Diagnosis, &p.policy, s.At)
	// Nothing else is in flight, and the sample is fresh.
	pass.Controls = model.Controls{Warm: true, Fleet: model.Fleet{Targets: 1}}
	pass.Decision = plan.Decide(plan.Input{
		Snapshot: &s, Diagnosis: &pass.Diagnosis, Verification: pass.Verification, Policy: &p.policy, Controls: pass.Controls, Now: s.At,
	})
	p.memory.Judged(s.At, &s, &pass.Diagnosis)
	return pass, nil
}

// carry keeps a receipt as the manager keeps it on its target.
func (p *patient) carry(receipt model.Receipt) { p.receipts = apply.Merge(p.receipts, receipt) }

// verdict is what a pass says, on one line.
func verdict(pass *model.Pass) string {
	if pass == nil {
		return "no pass"
	}
	text := string(pass.Diagnosis.Health)
	for i := range pass.Diagnosis.Findings {
		f := &pass.Diagnosis.Findings[i]
		if f.Verdict == api.VerdictRuledOut || f.Verdict == api.VerdictNotAssessed {
			continue
		}
		name := string(f.Cause)
		if f.SubCause != "" {
			name += "/" + string(f.SubCause)
		}
		text += ", " + string(f.Verdict) + " " + name
	}
	return text
}
