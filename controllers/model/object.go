package model

import (
	"slices"
	"strings"
)

// ObjectKey names an object of the target's namespace by kind and name; the zero value is the target itself.
type ObjectKey struct {
	Kind, Name string
}

func (k ObjectKey) String() string { return k.Kind + "/" + k.Name }

// FieldUpgradeMode is how the Flink operator restarts the job.
const FieldUpgradeMode = "job.upgradeMode"

// SpecField tells a path of the target's spec, such as jobManager.resource.cpu, from a Flink key. (job.autoscaler.* are keys of the Flink
// operator.)
func SpecField(field string) bool {
	return strings.HasPrefix(field, "jobManager.") || field == FieldUpgradeMode
}

// The kinds of other operators: Flink keys are in spec.flinkProperties of a FlinkCluster, and in spec.flinkConfig of a FlinkApplication, whose
// JobManager is spec.jobManagerConfig.
const (
	kindFlinkCluster     = "FlinkCluster"
	kindFlinkApplication = "FlinkApplication"
)

// SpecPath tells where a field of a remedy lies below spec: paths of the spec there, Flink keys in flinkConfiguration, in the form that the
// user wrote.
func (t *Target) SpecPath(field string) []string {
	if SpecField(field) {
		path := strings.Split(field, ".")
		if t.Kind == kindFlinkApplication && path[0] == "jobManager" {
			path[0] = "jobManagerConfig"
		}
		return path
	}
	switch t.Kind {
	case kindFlinkCluster:
		return []string{"flinkProperties", field}
	case kindFlinkApplication:
		return []string{"flinkConfig", field}
	}
	if path, nested := t.Nested[field]; nested {
		return append([]string{"flinkConfiguration"}, path...)
	}
	return []string{"flinkConfiguration", field}
}

// Key names the target as an object.
func (t *Target) Key() ObjectKey { return ObjectKey{Kind: t.Kind, Name: t.Name} }

// At is the object that a remedy or a receipt lies on: the target itself, or the one of that name beside it.
func (t *Target) At(key ObjectKey) *Target {
	for i := range t.Others {
		if t.Others[i].Key() == key {
			return &t.Others[i]
		}
	}
	return t
}

// Attach puts another object of the same job beside the target. Its receipts join the target's, each with the object it lies on.
func (t *Target) Attach(other Target) {
	t.Others = append(slices.Clip(t.Others), other)
	receipts := slices.Clone(t.Receipts)
	for i := range other.Receipts {
		r := other.Receipts[i]
		r.Object = other.Key()
		receipts = append(receipts, r)
	}
	slices.SortStableFunc(receipts, func(a, b Receipt) int { return b.AppliedAt.Compare(a.AppliedAt) })
	t.Receipts = receipts
	if t.ReceiptsError == "" && other.ReceiptsError != "" {
		t.ReceiptsError = other.Key().String() + ": " + other.ReceiptsError
	}
}

// KeepOwn leaves only the receipts that a CheckpointHealth answers for: its own, and those of a CheckpointHealth that is gone. name tells
// what the CheckpointHealth of a uid is called; empty where it is gone. The others become Foreign: somebody else judges them.
func (t *Target) KeepOwn(uid string, name func(uid string) string) {
	owner := func(r *Receipt) string {
		if r.UID == "" || r.UID == uid {
			return ""
		}
		return name(r.UID)
	}
	var own, foreign []Receipt
	for i := range t.Receipts {
		r := t.Receipts[i]
		if r.Owner = owner(&r); r.Owner != "" {
			foreign = append(foreign, r)
			continue
		}
		own = append(own, r)
	}
	if len(foreign) > 0 {
		t.Receipts, t.Foreign = own, foreign
	}
	t.Standalone = t.Standalone.disown(owner)
}

// Object is the object that the decision writes to.
func (p *Pass) Object() *Target {
	t, d := &p.Snapshot.Target, &p.Decision
	switch {
	case (d.Action == ActionRollback || d.Action == ActionSettle || d.Action == ActionRestore) && d.Receipt != nil:
		return t.At(d.Receipt.Object)
	case d.Action == ActionApply && d.Remedy != nil:
		return t.At(d.Remedy.Object)
	}
	return t
}
