package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// keyRunbookFlag is read by no Flink version; that it does nothing is expected and said.
const keyRunbookFlag = "execution.savepoint.cleanup-in-background"

const fieldUpgradeMode = model.FieldUpgradeMode

// superseded tells that a field of the receipt no longer holds what was written: somebody else decides now. Receipt and spec are read from
// one version of the object, so a receipt that is there was written together with its values.
func (c *verdict) superseded() (model.Verification, bool) {
	for i := range c.r.Changes {
		change := &c.r.Changes[i]
		value, known := fieldOf(c.object(), change.Field)
		if !known || same(value, change.To) || change.Field == fieldUpgradeMode {
			continue // upgradeMode restarts nothing and its owner may put it back at any time
		}
		v := outcome(api.OutcomeSuperseded, "%s", changedText(c.object(), change, value))
		if who := revertedBy(c.object(), change.Field); who != "" {
			v.RevertedBy, v.Misaligned, v.MisalignedMessage = who, api.ReasonRevertedByGitOps, v.Message
		}
		return v, true
	}
	return model.Verification{}, false
}

func changedText(t *model.Target, change *model.ChangeRecord, value string) string {
	who := orElse(revertedBy(t, change.Field), "somebody else")
	return fmt.Sprintf("%s set %s to %s; the remedy had written %s", who, change.Field, orElse(value, "nothing"), change.To)
}

// revertedBy names the GitOps tools that manage the object, unless the field's owners are people with kubectl; empty where none does.
func revertedBy(t *model.Target, field string) string {
	owners := t.Owners[field]
	people := len(owners) > 0 && !slices.ContainsFunc(owners, func(o string) bool { return !strings.HasPrefix(o, "kubectl") })
	if len(t.GitOps) == 0 || people {
		return ""
	}
	return strings.Join(t.GitOps, ", ")
}

// fieldOf is a field of the target as it stands, "" where it is not set; known is false where it cannot be told.
func fieldOf(t *model.Target, field string) (value string, known bool) {
	switch {
	case t.Kind == "":
		return "", false
	case field == fieldUpgradeMode:
		return t.UpgradeMode, true
	case field == "jobManager.resource.cpu":
		if !t.JobManagerCPU.Known {
			return "", t.ResourceField == "resource"
		}
		return strconv.FormatFloat(t.JobManagerCPU.Value, 'f', -1, 64), true
	case field == "jobManager.resource.memory":
		return t.JobManagerMemory, t.JobManagerMemory != "" || t.ResourceField == "resource"
	case strings.HasPrefix(field, "jobManager."):
		value, ok := t.JobManagerResources[field]
		return value, ok
	}
	value, set := t.Config[field]
	return value, set || (t.Config != nil && shown(field) && !slices.Contains(t.Ours, field))
}

// shown tells that a key would be in Target.Config if it were set: that keeps only keys that hold no secret.
func shown(field string) bool {
	return strings.HasPrefix(field, "execution.checkpointing.") || strings.HasPrefix(field, "jobmanager.") || strings.HasPrefix(field, "cluster.") || strings.HasPrefix(field, "state.backend.")
}

// align says where Flink does not run with what was written, once the restart was seen. A remedy that the job's code overrides cannot help.
func (c *verdict) align(v *model.Verification) {
	if _, began := c.began(); !began || !c.running() {
		return
	}
	for i := range c.r.Changes {
		change := &c.r.Changes[i]
		value, origin, known := c.inForce(change.Field)
		if !known || agree(change.Field, value, change.To) {
			continue
		}
		why, reason := c.whyNotInForce(change.Field)
		v.Misaligned = reason
		v.MisalignedMessage = fmt.Sprintf("Flink runs with %s = %s although %s was written: %s", change.Field, value, change.To, why)
		certain := origin == api.OriginJobCode || v.Misaligned == api.ReasonNestedDuplicate
		if certain && v.Outcome == api.OutcomePending {
			v.Outcome, v.Message = api.OutcomeIneffective, v.MisalignedMessage
		}
		return
	}
	c.ignored(v)
}

// whyNotInForce says what stands against a field that Flink runs otherwise.
func (c *verdict) whyNotInForce(field string) (why, reason string) {
	switch {
	case slices.Contains(c.object().Twins, field):
		return "the configuration holds the key twice, nested and as one key", api.ReasonNestedDuplicate
	case !codeSets(field):
		return "something else sets it, such as a pod template or an operator's default", api.ReasonNotInForce
	case c.object().Kind == "FlinkSessionJob":
		return "the job's code sets it, or this Flink operator (before 1.6) hands no configuration of a FlinkSessionJob over", api.ReasonOverriddenInCode
	}
	return "the job's code sets it", api.ReasonOverriddenInCode
}

// ignored says that a change does nothing by itself: it is in the remedy because the user's configuration had it.
func (c *verdict) ignored(v *model.Verification) {
	for i := range c.r.Changes {
		if c.r.Changes[i].Field == keyRunbookFlag {
			v.Misaligned = api.ReasonIgnoredByFlink
			v.MisalignedMessage = keyRunbookFlag + " is read by no Flink version; the other changes of the remedy are what works"
		}
	}
}

// same compares two values of a field: as text, as numbers, as durations, or as sizes.
func same(a, b string) bool {
	if strings.TrimSpace(a) == strings.TrimSpace(b) {
		return true
	}
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return alike(durationOf, a, b) || alike(memory, a, b)
}

// alike tells whether both texts can be read as one kind of value and are equal as such.
func alike[T comparable](read func(string) (T, bool), a, b string) bool {
	x, okX := read(a)
	y, okY := read(b)
	return okX && okY && x == y
}

func number(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func memory(text string) (int64, bool) {
	bytes, err := model.ParseMemory(text)
	return bytes, err == nil
}

// durationOf reads Flink's and Go's way of writing a duration.
func durationOf(text string) (time.Duration, bool) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, true
	}
	d, err := model.ParseDuration(text)
	return d, err == nil
}
