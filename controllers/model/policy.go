package model

import (
	"math"
	"reflect"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Policy is a RemediationPolicy with every default resolved: the stages see no pointers and no second set of defaults.
type Policy struct {
	// Name is the RemediationPolicy's; empty for an inline or built-in one.
	Name string
	// Generation is the RemediationPolicy's, or of the object that holds it inline; 0 for the built-in one.
	Generation int64
	// BuiltIn tells that nobody gave a policy.
	BuiltIn bool
	// Problem is why the policy that was given cannot be used, with a reason of the condition Ready: another stands in its place, or what of it can
	// be used, and nothing is written.
	Problem Refusal
	// UndoesHarm tells that the policy which cannot be used is in mode Remediate: what was written under it and harms is undone all the same.
	UndoesHarm bool
	Mode       api.Mode
	Detection  Detection
	Thresholds Thresholds
	Levers     map[api.Lever]LeverLimit
	Guards     Guards
	// BudgetCount or BudgetPercent bounds the remedies in flight; the other is 0.
	BudgetCount, BudgetPercent int
	Conflicts                  api.ConflictPolicy
	Verification               VerificationRule
	// NetworkProbe is how the network between TaskManagers and JobManager is measured.
	NetworkProbe api.NetworkProbe
	// Logs is where logs are read.
	Logs api.LogSource
	// Prometheus is asked about the pods; without a URL it is not.
	Prometheus api.PrometheusSpec
}

// Detection says when a job counts as sick and as healthy again.
type Detection struct {
	Window, ExpiredThreshold, HealthyAfter int
	Treat                                  api.TreatHealth
}

// Thresholds are shares from 0 to 1 and sizes in bytes.
type Thresholds struct {
	JobManagerCPU, Heap, GC, DutyCycle float64
	LargeState                         int64
	// SlowUpload is in bytes per second and subtask.
	SlowUpload float64
}

// LeverLimit is what may be done with a lever, and how far. Max is in the lever's own unit: seconds, cores, bytes or a count.
type LeverLimit struct {
	Action api.LeverAction
	Max    float64
	// Growth is the factor where nothing tells a better value (timeout only): 1.5 makes 10m 15m.
	Growth float64
}

// Guards hold remedies back.
type Guards struct {
	Cooldown         time.Duration
	MaxPerDay        int
	MaxReplay        time.Duration
	HighAvailability api.Requirement
	Approval         api.Requirement
	ClusterChanges   api.ClusterChanges
	Windows          []api.Window
}

// VerificationRule says how a remedy is judged.
type VerificationRule struct {
	Checkpoints   int
	Deadline      time.Duration
	OnIneffective api.IneffectivePolicy
}

// The built-in defaults: the only ones in the code. The schema's defaults are the same numbers, held to these by a test.
const (
	defaultWindow           = 10 // web.checkpoints.history keeps 10
	defaultExpiredThreshold = 2  // one expiry is an accident, the second a pattern
	defaultHealthyAfter     = 3
	defaultCPUPercent       = 85 // the runbook says 80 to 90
	defaultHeapPercent      = 85
	defaultGCPercent        = 10
	defaultDutyPercent      = 50
	defaultLargeState       = 1 << 30
	defaultSlowUpload       = 1 << 20
	defaultTimeoutMax       = 3600
	defaultTimeoutGrowth    = 50 // 10m -> 15m in the runbook
	defaultIntervalMax      = 1800
	defaultCPUMax           = 4
	defaultMemoryMax        = 8 << 30
	defaultConcurrentMax    = 2
	defaultTransferMax      = 16
	defaultIOPoolMax        = 32
	defaultCooldown         = 1800
	defaultPerDay           = 4
	defaultReplay           = 3600
	defaultBudget           = 1
	defaultVerifyCount      = 3
	defaultVerifyDeadline   = 3600
)

// ResolvePolicy fills in every default. A nil spec, and one in which nothing is written, is the built-in policy, in mode Recommend.
func ResolvePolicy(name string, spec *api.RemediationPolicySpec) Policy {
	if spec == nil {
		spec = &api.RemediationPolicySpec{}
	}
	p := Policy{
		Name:         name,
		BuiltIn:      name == "" && reflect.ValueOf(*spec).IsZero(),
		Mode:         or(spec.Mode, api.ModeRecommend),
		Detection:    resolveDetection(&spec.Detection),
		Thresholds:   resolveThresholds(&spec.Thresholds),
		Levers:       resolveLevers(spec.Remedies),
		Guards:       resolveGuards(&spec.Guards),
		Conflicts:    or(spec.Conflicts, api.ConflictYield),
		Verification: resolveVerification(&spec.Verification),
		NetworkProbe: or(spec.NetworkProbe, api.NetworkProbeOff),
		Logs:         or(spec.Signals.Logs, api.LogSourceFlink),
		Prometheus:   spec.Signals.Prometheus,
		BudgetCount:  defaultBudget,
	}
	if spec.Budget.MaxConcurrent != nil {
		p.BudgetCount, p.BudgetPercent = resolveBudget(spec.Budget.MaxConcurrent.IntValue(), spec.Budget.MaxConcurrent.String())
	}
	return p
}

// Budget is how many remedies may be in flight over that many targets: at least one, percentages rounded up.
func (p *Policy) Budget(targets int) int {
	if p.BudgetPercent == 0 {
		return max(p.BudgetCount, 1)
	}
	return max(int(math.Ceil(float64(targets)*float64(p.BudgetPercent)/100)), 1)
}

// Lever returns the limit of a lever; one that is not known is off.
func (p *Policy) Lever(l api.Lever) LeverLimit {
	limit, ok := p.Levers[l]
	if !ok {
		return LeverLimit{Action: api.LeverOff}
	}
	return limit
}

func resolveDetection(d *api.DetectionSpec) Detection {
	r := Detection{
		Window:           number(d.WindowCheckpoints, defaultWindow),
		ExpiredThreshold: number(d.ExpiredThreshold, defaultExpiredThreshold),
		HealthyAfter:     number(d.HealthyAfterCheckpoints, defaultHealthyAfter),
		Treat:            or(d.Treat, api.TreatUnhealthy),
	}
	// The built-in threshold must not exceed a smaller window.
	r.ExpiredThreshold = min(r.ExpiredThreshold, r.Window)
	return r
}

func resolveThresholds(t *api.ThresholdsSpec) Thresholds {
	share := func(n int32, d int) float64 { return float64(number(n, d)) / 100 }
	return Thresholds{
		JobManagerCPU: share(t.JobManagerCPUPercent, defaultCPUPercent),
		Heap:          share(t.HeapPercent, defaultHeapPercent),
		GC:            share(t.GCPercent, defaultGCPercent),
		DutyCycle:     share(t.DutyCyclePercent, defaultDutyPercent),
		LargeState:    or(t.LargeStateBytes, defaultLargeState),
		SlowUpload:    float64(or(t.SlowUploadBytesPerSecond, defaultSlowUpload)),
	}
}

func resolveGuards(g *api.GuardsSpec) Guards {
	return Guards{
		Cooldown:         cooldown(g.CooldownSeconds),
		MaxPerDay:        number(g.MaxRemediationsPerDay, defaultPerDay),
		MaxReplay:        seconds(g.MaxReplaySeconds, defaultReplay),
		HighAvailability: or(g.HighAvailability, api.Required),
		Approval:         or(g.Approval, api.NotRequired),
		ClusterChanges:   or(g.ClusterChanges, api.ClusterChangesRecommend),
		Windows:          g.Windows,
	}
}

func resolveVerification(v *api.VerificationSpec) VerificationRule {
	return VerificationRule{
		Checkpoints:   number(v.Checkpoints, defaultVerifyCount),
		Deadline:      seconds(v.DeadlineSeconds, defaultVerifyDeadline),
		OnIneffective: or(v.OnIneffective, api.IneffectiveRollback),
	}
}

// resolveBudget reads a count ("2") or a percentage ("10%"). An unreadable one is the careful default.
func resolveBudget(count int, text string) (number, share int) {
	if len(text) > 1 && text[len(text)-1] == '%' {
		percent := 0
		for _, c := range text[:len(text)-1] {
			if c < '0' || c > '9' || percent > 100 {
				return defaultBudget, 0
			}
			percent = percent*10 + int(c-'0')
		}
		return 0, min(max(percent, 1), 100)
	}
	return max(count, 1), 0
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// number is a field that the schema keeps above 0, so that 0 means it is not set.
func number(n int32, otherwise int) int { return or(int(n), otherwise) }

// cooldown is the one number of a policy whose 0 is a choice: no rest between remedies.
func cooldown(p *int32) time.Duration {
	if p == nil {
		return defaultCooldown * time.Second
	}
	return time.Duration(*p) * time.Second
}

func seconds(n int32, otherwise int) time.Duration {
	return time.Duration(number(n, otherwise)) * time.Second
}
