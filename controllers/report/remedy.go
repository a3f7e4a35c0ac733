package report

import (
	"fmt"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// treatment says what is being tried, what would be done, and why it is not done now.
func (s *story) treatment() {
	if s.inFlight() {
		s.remedyInFlight()
	} else if len(s.receipts()) > 0 {
		s.add("", 2, s.lastRemedy())
	}
	s.watch()
	if s.pass.Decision.Remedy != nil && !s.appliedNow() {
		s.recommended(s.pass.Decision.Remedy)
	}
	s.whyNot()
	s.reverted()
}

// receipts are the remedies the target carries after this pass, newest first.
func (s *story) receipts() []model.Receipt { return receipts(s.pass) }

// receipts merges what the pass wrote into what the target carried when it was read.
func receipts(pass *model.Pass) []model.Receipt {
	var carried []model.Receipt
	if pass.Snapshot != nil {
		carried = pass.Snapshot.Target.Receipts
	}
	w := pass.Written
	if w == nil || w.Receipt == nil || w.Refused.Refused() {
		return carried
	}
	for i := range carried {
		if carried[i].ID == w.Receipt.ID {
			out := append([]model.Receipt(nil), carried...)
			out[i] = *w.Receipt
			return out
		}
	}
	return append([]model.Receipt{*w.Receipt}, carried...)
}

func (s *story) appliedNow() bool {
	w := s.pass.Written
	return w != nil && w.Action == model.ActionApply && w.Receipt != nil && !w.Refused.Refused()
}

// inFlight tells whether a remedy waits for its verdict.
func (s *story) inFlight() bool { return pending(s.pass) != nil }

// pending is the newest receipt that is not judged yet; nil if none.
func pending(pass *model.Pass) *model.Receipt {
	all := receipts(pass)
	for i := range all {
		if all[i].Pending() {
			return &all[i]
		}
	}
	return nil
}

// remedyInFlight says what was applied and how far its verification is.
func (s *story) remedyInFlight() {
	r := pending(s.pass)
	on := ""
	if r.Object != (model.ObjectKey{}) {
		on = " on " + clean(r.Object.String(), 160)
	}
	s.add("Applied ", 2, fmt.Sprintf("%s%s: %s (remedy %s).", formatTime(r.AppliedAt, s.pass.Now), on, recordsText(r.Changes), clean(r.ID, 16)))
	s.add("", 2, sentence(verifying(s.pass, r)))
}

// verifying says how the remedy in flight will be judged and how far that is.
func verifying(pass *model.Pass, r *model.Receipt) string {
	v := &pass.Verification
	deadline := r.AppliedAt.Add(time.Duration(r.Criterion.DeadlineSeconds) * time.Second)
	text := fmt.Sprintf("Effective once %s in a row, by %s", completes(r.Criterion.CompleteInRow), formatTime(deadline, pass.Now))
	if v.Receipt != nil && v.Receipt.ID == r.ID {
		text += fmt.Sprintf("; %d so far", v.Completed)
		if v.Message != "" {
			text += ". " + capital(clean(v.Message, 200))
		}
	}
	return text
}

func completes(n int) string {
	if n == 1 {
		return "1 checkpoint completes"
	}
	return fmt.Sprintf("%d checkpoints complete", n)
}

// lastRemedy is one sentence on the newest remedy that was judged; empty where there is none.
func (s *story) lastRemedy() string {
	for _, r := range s.receipts() {
		if r.Pending() {
			continue
		}
		at := ""
		if r.FinishedAt != nil {
			at = " " + formatTime(*r.FinishedAt, s.pass.Now)
		}
		text := fmt.Sprintf("Last remedy: %s, %s%s", recordsText(r.Changes), outcomeWord[r.Outcome], at)
		if r.Message != "" && r.Outcome != api.OutcomeEffective {
			text += ": " + clean(r.Message, 200)
		}
		if r.Outcome == api.OutcomeEffective && topCause(s.pass) == r.Cause && sickHealth(s.pass.Diagnosis.Health) {
			text += ": what was asked of it is met, and the job is " + strings.ToLower(healthWord[s.pass.Diagnosis.Health]) + " of the same cause all the same"
		}
		return sentence(text)
	}
	return ""
}

var outcomeWord = map[api.Outcome]string{
	api.OutcomePending: "not judged yet", api.OutcomeEffective: "effective", api.OutcomeIneffective: "ineffective",
	api.OutcomeHarmful: "harmful", api.OutcomeInconclusive: "inconclusive", api.OutcomeRolledBack: "rolled back",
	api.OutcomeSuperseded: "superseded by somebody else's change",
}

// recommended is the remedy with its arithmetic and its cost.
func (s *story) recommended(r *model.Remedy) {
	text := changesText(r.Changes)
	if r.Reason != "" {
		text += " (" + strings.TrimSuffix(clean(r.Reason, 400), ".") + ")"
	}
	s.add("Remedy: ", 2, sentence(text)+" "+costText(r))
}

// changesText is what a remedy writes: execution.checkpointing.timeout 10m -> 22m.
func changesText(changes []model.Change) string {
	var out []string
	for _, c := range changes {
		text := clean(c.Field, 120) + " " + fromTo(c.Field, c.From, c.To, " -> ")
		if c.Uncapped != "" && c.Uncapped != c.To {
			text += ", cut by the policy from " + compact(c.Field, clean(c.Uncapped, 60))
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func recordsText(changes []model.ChangeRecord) string {
	var out []string
	for _, c := range changes {
		out = append(out, shortField(clean(c.Field, 120))+" "+fromTo(c.Field, c.From, c.To, " -> "))
	}
	return orElse(strings.Join(out, ", "), "no fields")
}

// costText is what applying a remedy interrupts.
func costText(r *model.Remedy) string {
	var text string
	switch r.Cost {
	case api.CostNoRestart:
		return "Restarts nothing."
	case api.CostClusterRestart:
		text = "Restarts " + orElse(clean(r.Object.Name, 63), "the cluster") + " and every job on it"
		if r.Jobs > 0 {
			text += fmt.Sprintf(" (%d running)", r.Jobs)
		}
	default:
		text = "Restarts the job"
	}
	if r.Downtime > 0 {
		text += ", about " + formatDuration(r.Downtime.Round(time.Second)) + " down"
	}
	switch {
	case r.Replay > 0:
		text += ", " + formatDuration(r.Replay) + " replay"
	case r.Replay < 0:
		text += "; how much would be replayed is unknown, nothing is known to have completed"
	}
	return text + "."
}

// whyNot says why nothing is done now, or that it was just done.
func (s *story) whyNot() {
	w := s.pass.Written
	if w != nil && w.Refused.Refused() {
		s.add("Not applied: ", 2, sentence(clean(w.Refused.Message, 400)))
		return
	}
	why := s.pass.Decision.WhyNot
	if !why.Refused() || why.Reason == api.ReasonRemedyPending {
		return
	}
	head := "Not applied yet: "
	if s.pass.Decision.Remedy == nil {
		head = "Nothing is changed: "
	}
	text := sentence(clean(orElse(why.Message, why.Reason), 400))
	if why.Retry > 0 && s.pass.Decision.Remedy != nil {
		text += fmt.Sprintf(" Next look at it %s.", formatTime(s.pass.Now.Add(why.Retry), s.pass.Now))
	}
	s.add(head, 2, text)
}

// reverted says where the target does not run with what was written.
func (s *story) reverted() {
	if m := misaligned(s.pass); m.Refused() && m != s.pass.Decision.WhyNot {
		s.add("Configuration: ", 2, sentence(clean(m.Message, 400)))
	}
}

// misaligned is why the target does not run with what was written; zero where it does.
func misaligned(pass *model.Pass) model.Refusal {
	v := &pass.Verification
	if v.Misaligned != "" {
		return model.Refusal{Reason: v.Misaligned, Message: v.MisalignedMessage}
	}
	if v.RevertedBy != "" {
		return model.Refusal{Reason: api.ReasonRevertedByGitOps, Message: v.RevertedBy + " changed what was written; nothing is written again until the policy or the target changes"}
	}
	switch why := pass.Decision.WhyNot; why.Reason {
	case api.ReasonRevertedByGitOps, api.ReasonOverriddenInCode, api.ReasonNestedDuplicate, api.ReasonIgnoredByFlink, api.ReasonNotInForce:
		return why
	}
	return model.Refusal{}
}
