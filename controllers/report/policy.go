package report

import (
	"errors"
	"fmt"
	"strings"
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

// CheckPolicy finds what the schema lets through and is an error in the file: what nobody can use, and a window that never opens; it names each.
func CheckPolicy(spec *api.RemediationPolicySpec) error { return checkWindows(spec, checkOpens) }

// CheckReadable is CheckPolicy without windows that never open: under such a policy no restart is made but to undo what harms,
// and its jobs are observed.
func CheckReadable(spec *api.RemediationPolicySpec) error { return checkWindows(spec, checkSchedule) }

func checkWindows(spec *api.RemediationPolicySpec, schedule func(string) error) error {
	var wrong []string
	for i := range spec.Guards.Windows {
		field := fmt.Sprintf("spec.guards.windows[%d]", i)
		for _, err := range []error{schedule(spec.Guards.Windows[i].Schedule), checkTimeZone(spec.Guards.Windows[i].TimeZone)} {
			if err != nil {
				wrong = append(wrong, field+"."+err.Error())
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}

// anyYear begins four years with a leap day, of which every schedule that ever opens has a date: cron looks five years ahead.
var anyYear = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func checkSchedule(text string) error {
	if _, err := cron.ParseStandard(text); err != nil {
		return fmt.Errorf("schedule %q is no cron expression of five fields such as \"0 4 * * 1-5\": %w", text, err)
	}
	return nil
}

func checkOpens(text string) error {
	if err := checkSchedule(text); err != nil {
		return err
	}
	if schedule, err := cron.ParseStandard(text); err == nil && schedule.Next(anyYear).IsZero() {
		return fmt.Errorf("schedule %q never opens: no day of any year is such a one; a schedule such as \"0 4 * * 1-5\" does", text)
	}
	return nil
}

func checkTimeZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("timeZone %q is no IANA time zone such as Europe/Berlin: %w", name, err)
	}
	return nil
}
