package report

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// PolicyAccepted is the condition of a RemediationPolicy: what the schema cannot check (schedules, time zones) is checked here, and the
// message names the field, its value and what would be right.
//
// Hosts are those that the operator allows for a Prometheus.
func PolicyAccepted(policy *api.RemediationPolicy, hosts []string) metav1.Condition {
	condition := metav1.Condition{
		Type: api.ConditionAccepted, Status: metav1.ConditionTrue, Reason: api.ReasonAccepted, ObservedGeneration: policy.Generation,
		Message: "Every field can be used.",
	}
	err := CheckPolicy(&policy.Spec)
	if err == nil {
		err = CheckPrometheus(&policy.Spec, hosts)
	}
	if err != nil {
		condition.Status, condition.Reason, condition.Message = metav1.ConditionFalse, api.ReasonPolicyInvalid, clean(err.Error(), 1024)
	}
	return condition
}

// CheckPolicy finds what the schema lets through and nobody can use.
func CheckPolicy(spec *api.RemediationPolicySpec) error {
	for i := range spec.Guards.Windows {
		window := &spec.Guards.Windows[i]
		field := fmt.Sprintf("spec.guards.windows[%d]", i)
		if _, err := cron.ParseStandard(window.Schedule); err != nil {
			return fmt.Errorf("%s.schedule %q is no cron expression of five fields such as \"0 4 * * 1-5\": %w", field, window.Schedule, err)
		}
		if _, err := time.LoadLocation(window.TimeZone); err != nil {
			return fmt.Errorf("%s.timeZone %q is no IANA time zone such as Europe/Berlin: %w", field, window.TimeZone, err)
		}
	}
	return nil
}
