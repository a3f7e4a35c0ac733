package report

import (
	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// remedyForUnknown says, for each reason for which a job cannot be judged, what would change that.
var remedyForUnknown = map[string]string{
	api.ReasonJobManagerUnreachable: "It is asked again at every pass. If the JobManager is up, look at its Service, at NetworkPolicies between it and the operator, and at spec.endpoint.",
	api.ReasonJobNotFound:           "It is looked for again at every pass: once the job is submitted, or spec.jobSelector names one that runs, it is judged.",
	api.ReasonJobAmbiguous:          "Name one of the jobs in spec.jobSelector.",
	api.ReasonJobNotRunning:         "It is judged once it is RUNNING again; the job's exceptions tell why it is not.",
	api.ReasonCheckpointingDisabled: "Set execution.checkpointing.interval if the job is to take checkpoints.",
	api.ReasonTooFewCheckpoints:     "The first checkpoint to complete or to fail changes that; nothing needs to be done.",
	api.ReasonUpgrading:             "The upgrade's end changes that; nothing needs to be done.",
	api.ReasonMalformedAnswer:       "See whether the address is a Flink JobManager's, or a proxy or login page in front of it.",
}

// unknown says why the job cannot be judged, what is missing and what would change that.
func (s *story) unknown() {
	d, available := &s.pass.Diagnosis, s.snapshot().Availability
	why, reason := available.Message, available.Reason
	if why == "" {
		why, reason = d.Message, d.Reason
	}
	s.add("Unknown: ", 2, sentence(withoutHealth(clean(orElse(why, "there is no fresh data to judge by"), 400))))
	gaps := s.snapshot().Gaps
	for i := range gaps {
		if i == 3 {
			break
		}
		s.add("Missing: ", 2, sentence(clean(gaps[i].Signal, 120)+" ("+clean(gaps[i].Why, 160)+")"))
	}
	if text, ok := remedyForUnknown[reason]; ok {
		s.add("What would change that: ", 2, text)
	} else {
		s.add("What would change that: ", 2, "the next pass; nothing needs to be done.")
	}
	if s.inFlight() {
		s.remedyInFlight()
	} else {
		s.add("", 2, "Nothing is written to the target meanwhile. "+s.lastRemedy())
	}
	s.reverted()
}
