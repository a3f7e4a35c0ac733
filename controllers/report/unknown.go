package report

import (
	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// remedyForUnknown says, for each reason for which a job cannot be judged, what would change that.
var remedyForUnknown = map[string]string{
	api.ReasonJobManagerUnreachable: "it is asked again at every pass. If the JobManager is up, look at its Service, at NetworkPolicies between it and the operator, and at spec.endpoint.",
	api.ReasonJobNotFound:           "it is looked for again at every pass: once the job is submitted, or spec.jobSelector names one that runs, it is judged.",
	api.ReasonJobAmbiguous:          "name one of the jobs in spec.jobSelector.",
	api.ReasonJobNotRunning:         "it is judged once it is RUNNING again; the job's exceptions tell why it is not.",
	api.ReasonCheckpointingDisabled: "set execution.checkpointing.interval if the job is to take checkpoints.",
	api.ReasonTooFewCheckpoints:     "the first checkpoint to complete or to fail changes that; nothing needs to be done.",
	api.ReasonUpgrading:             "the upgrade's end changes that. If it does not end, the JobManager's log and the status of the target tell why.",
	api.ReasonLogsIncomplete:        "the JobManager's log from its start, and the Flink configuration with --config.",
	api.ReasonMalformedAnswer:       "see whether the address is a Flink JobManager's, or a proxy or login page in front of it.",
}

// withoutCluster is the same for a person at a command line.
var withoutCluster = map[string]string{
	api.ReasonJobManagerUnreachable: "a JobManager that answers at this address.",
	api.ReasonJobNotFound:           "--job with the name or id of a job that runs, as the job overview of Flink's web page lists them.",
	api.ReasonJobAmbiguous:          "name one of the jobs with --job.",
}

// unknown says why the job cannot be judged, what is missing and what would change that.
func (s *story) unknown() {
	d, available := &s.pass.Diagnosis, s.snapshot().Availability
	why, reason := s.snapshot().WhyAway(), available.Reason
	if why == "" {
		why, reason = d.Message, d.Reason
	}
	s.add("Unknown: ", 2, sentence(withoutHealth(clean(orElse(why, "there is no fresh data to judge by"), 400))))
	shown := 0
	for _, gap := range s.snapshot().Gaps {
		if shown < 3 && gap.Kind != model.GapClocks && gap.Kind != model.GapRecording {
			s.add(prefixMissing, 2, sentence(clean(gap.Signal, 120)+" ("+clean(gap.Why, 160)+")"))
			shown++
		}
	}
	s.lateByLog()
	s.add("What would change that: ", 2, s.wayOut(reason))
	switch {
	case s.inFlight():
		s.remedyInFlight()
	case s.inCluster():
		s.add("", 2, "Nothing is written to the target meanwhile. "+s.lastRemedy())
	}
	s.reverted()
}

// inCluster tells whether there is a target: a command line has none.
func (s *story) inCluster() bool { return s.snapshot().Target.Kind != "" }

func (s *story) wayOut(reason string) string {
	if text, ok := withoutCluster[reason]; ok && !s.inCluster() {
		return text
	}
	if text, ok := remedyForUnknown[reason]; ok {
		return text
	}
	return "the next pass; nothing needs to be done."
}
