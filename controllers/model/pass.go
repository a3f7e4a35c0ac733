package model

import "time"

// Controls are what people and the fleet say at this moment; the ones that forbid a write are read live again before it.
type Controls struct {
	// Paused is the value of the pause annotation with "no reason given" for an empty one; "" where there is none.
	Paused string
	// LookedAfter says which other CheckpointHealth is in charge of the job, so that this one only watches; "" where this one is.
	LookedAfter string
	// Stopped is why the cluster-wide stop switch is on; "" where it is off.
	Stopped string
	// Approved is the recommendation hash a person approved; "" if none.
	Approved string
	// Fleet is what the policy governs now.
	Fleet Fleet
	// Warm is false after a start until the history is reloaded and fresh samples were seen: no remedy is begun before.
	Warm bool
	// Looked is false after a start until it was seen afresh how the job is, be it that it does not run: nothing is undone or settled before.
	Looked bool
	// WriteRefused is why the last attempt to write this very remedy was refused, and by whom (dry run, conflict); zero if it was not.
	WriteRefused Refusal
	// WriteRefusedHash is the hash of the remedy that was refused, or the id of the receipt that could not be undone or settled.
	WriteRefusedHash string
}

// Fleet counts the CheckpointHealths of one policy, this one included.
type Fleet struct {
	Targets, InFlight int
	// SharedWith is how many others became unhealthy of the same cause within the same quarter of an hour.
	SharedWith int
}

// Pass is one walk through the rooms, as report sees it.
type Pass struct {
	Now          time.Time
	Snapshot     *Snapshot
	Diagnosis    Diagnosis
	Verification Verification
	Policy       Policy
	Controls     Controls
	Decision     Decision
	// Written is what apply did; nil where it did nothing.
	Written *Written
	// Patch is the remedy as YAML, ready to commit; empty where there is none.
	Patch string
}

// Written is what apply did.
type Written struct {
	Action  Action
	Receipt *Receipt
	// Refused is set where the API server refused: stale, contested (names the owner), forbidden, dry run.
	Refused Refusal
	// ResourceVersion is the target's after the write; empty where nothing was written.
	ResourceVersion string
}
