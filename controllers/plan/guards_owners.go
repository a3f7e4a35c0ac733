package plan

import (
	"fmt"
	"slices"
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// owned yields fields that another manager owns. What the GitOps tools are and how they would let go of the field is said.
func owned(v *view, r *model.Remedy) model.Refusal {
	if v.p.Conflicts == api.ConflictForce {
		return model.Refusal{}
	}
	t := v.object(r)
	for i := range r.Changes {
		owners := t.Owners[r.Changes[i].Field]
		if _, listed := t.Owners[r.Changes[i].Field]; !listed && !model.SpecField(r.Changes[i].Field) {
			owners = t.Owners[model.AnyKey]
		}
		if len(owners) == 0 {
			continue
		}
		message := fmt.Sprintf("%s is owned by %s: commit the patch there", r.Changes[i].Field, strings.Join(owners, ", "))
		if stanza := stanza(t, r.Changes[i].Field); stanza != "" {
			return saying("%s, or let the field go (%s)", message, stanza)
		}
		return saying("%s, or set the policy's conflicts to Force", message)
	}
	return model.Refusal{}
}

// stanza is how a GitOps tool gives a field up to us.
func stanza(t *model.Target, field string) string {
	tools := strings.ToLower(strings.Join(t.GitOps, " "))
	if t.Standalone != nil && tools != "" {
		return "let " + strings.Join(t.GitOps, ", ") + " ignore the field for the manager " + api.FieldManager
	}
	switch {
	case strings.Contains(tools, "argo"):
		return fmt.Sprintf("Argo CD: ignoreDifferences: [{group: flink.apache.org, kind: %s, managedFieldsManagers: [%s]}] with the sync option RespectIgnoreDifferences=true",
			t.Kind, api.FieldManager)
	case strings.Contains(tools, "flux"):
		return fmt.Sprintf("Flux: spec.ignore: [{paths: [%s], target: {kind: %s, name: %s}}]", pointer(field), t.Kind, t.Name)
	}
	return ""
}

// pointer is a field of the target as a JSON pointer.
func pointer(field string) string {
	if model.SpecField(field) {
		return "/spec/" + strings.ReplaceAll(field, ".", "/")
	}
	return "/spec/flinkConfiguration/" + field
}

// reverted stops after one revert: each round of a fight with a GitOps tool, or with a person, is a restart. It holds until the target or the policy changes,
// or until a person approves this very remedy.
func reverted(v *view, r *model.Remedy) model.Refusal {
	if v.in.Controls.Approved == r.Hash {
		return model.Refusal{}
	}
	if v.in.Verification.Misaligned == api.ReasonRevertedByGitOps {
		return saying("%s; %s", v.in.Verification.MisalignedMessage, toApprove(r))
	}
	for i := range v.target().Receipts {
		past := &v.target().Receipts[i]
		if past.Outcome != api.OutcomeSuperseded || past.Object != r.Object || !v.unchangedSince(past) || !sharesField(past, r) {
			continue
		}
		until := "only recommended until the target or the policy changes; commit the patch there, or " + toApprove(r)
		if who := v.reverter(past); who != "" {
			return saying("%s put back what remedy %s had set: %s", who, past.ID, until)
		}
		return refuse(api.ReasonTargetChanged, fmt.Sprintf("somebody changed what remedy %s had set: %s", past.ID, until))
	}
	return model.Refusal{}
}

// reverter is the GitOps tool that put a remedy's field back; empty where a person changed it. A receipt that did not record it was
// reverted by whatever tool manages the object.
func (v *view) reverter(past *model.Receipt) string {
	if past.RevertedBy != "" || past.SettledGeneration != 0 {
		return past.RevertedBy
	}
	return strings.Join(v.target().At(past.Object).GitOps, ", ")
}

// unchangedSince tells whether neither target nor policy changed since a receipt was settled. One that did not record it was written at
// its generation, the patch made the next and the revert the one after. A policy that is not there, or cannot be used, is none that changed.
func (v *view) unchangedSince(r *model.Receipt) bool {
	settled := r.SettledGeneration
	if settled == 0 {
		settled = r.Generation + 2
	}
	return v.target().At(r.Object).Generation <= settled && (r.PolicyGeneration == v.p.Generation || v.p.Problem.Refused())
}

func sharesField(past *model.Receipt, r *model.Remedy) bool {
	return slices.ContainsFunc(past.Changes, func(c model.ChangeRecord) bool {
		return slices.ContainsFunc(r.Changes, func(n model.Change) bool { return n.Field == c.Field })
	})
}
