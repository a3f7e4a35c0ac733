package model

import (
	"strings"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// PlaceKind tells what kind of place holds a setting of a standalone JobManager.
type PlaceKind string

// The kinds of places, the strongest first: Flink lets arguments win over its configuration file, and what the image appends to the file
// (FLINK_PROPERTIES) over what stood there.
const (
	PlaceArguments   PlaceKind = "Arguments"
	PlaceEnvironment PlaceKind = "Environment"
	PlaceConfigMap   PlaceKind = "ConfigMap"
)

// PlaceRef is where a value is written, as a receipt keeps it.
type PlaceRef struct {
	Kind PlaceKind `json:"kind"`
	// Name is the variable's or the ConfigMap's; empty for arguments.
	Name string `json:"name,omitempty"`
	// Key is the ConfigMap's key, or the container's list (command or args) for arguments.
	Key string `json:"key,omitempty"`
	// Format is how the text is written, a configfile.Format; empty where the value is the whole text.
	Format string `json:"format,omitempty"`
}

// String names the place for people.
func (p PlaceRef) String() string {
	switch p.Kind {
	case PlaceArguments:
		return "the container's " + p.Key
	case PlaceEnvironment:
		return "environment variable " + p.Name
	case PlaceConfigMap:
		return "ConfigMap/" + p.Name + ", key " + p.Key
	}
	return ""
}

// SettingPlace is one place that sets a key.
type SettingPlace struct {
	PlaceRef
	// Origin is how the value reaches Flink: a ConfigMap may feed the environment.
	Origin api.SettingOrigin
	// Value is as it is written; Hidden tells that it cannot be read, such as one that holds a variable.
	Value  string
	Hidden bool
	// Line is where it stands in a text, from 1; 0 where it stands in none.
	Line int
	// Fixed says why it cannot be edited where it stands; empty where it can.
	Fixed string
	// Twice says which lines set the key twice; empty where one does.
	Twice string
}

// AnyKey stands in Target.Owners for every key that is set nowhere yet: who owns the place where it would be added.
const AnyKey = "*"

// ConfigMapUse is a ConfigMap that holds settings of a JobManager.
type ConfigMapUse struct {
	UID, ResourceVersion string
	// Fixed says why it must not be edited: immutable, a generated name, other users, an owner that writes it. Empty where it may be.
	Fixed string
	// Owners are the field managers of each key, ours excluded.
	Owners map[string][]string
	// GitOps are the tools that manage it.
	GitOps []string
}

// WordRange is a part of a list of words: from From up to, and without, To.
type WordRange struct{ From, To int }

// Standalone is how a JobManager without the Flink operator is configured.
type Standalone struct {
	// Container is the one that runs the JobManager; empty where that is not certain.
	Container string
	// Places are where each key is set, the strongest first; keys that may be kept only.
	Places map[string][]SettingPlace
	// New is where a key that is set nowhere is added; nil where there is no such place.
	New *SettingPlace
	// OwnWords are the words of the container's lists (command and args) that Flink reads as its own options, a -D among them; those behind
	// belong to the job.
	OwnWords map[string]WordRange
	// ConfigMaps are those that Places and New speak of, by name.
	ConfigMaps map[string]ConfigMapUse
	// Unreadable says what of the configuration could not be read and may hold any key: each with its place and what would be right.
	Unreadable []string
	// Ignored says what of the configuration Flink never sees, and why.
	Ignored []string
	// Broken says why the configuration file cannot be read as what it is: file, line and what would be right. Nothing is written then.
	Broken string
	// Rolling, Paused and Manual say why a change would not roll out now: it is in progress; paused; or only by hand (OnDelete, partition).
	Rolling, Paused, Manual string
	// Halfway are the receipts that ConfigMaps have and the workload has not heard of, by the ConfigMap's name: writes that ended between the
	// two. See the function Halfway.
	Halfway map[string]Receipt
	// Untold are the judged receipts that ConfigMaps still call pending, as the workload has them, by the ConfigMap's name. See the function Untold.
	Untold map[string]Receipt
	// ConfigHash is the pod template's hash of the configuration that was rolled out with a remedy; empty where none in force changed a ConfigMap.
	ConfigHash string
}

// Place is the strongest place of a key, New where it is set nowhere; nil where there is none.
func (s *Standalone) Place(key string) *SettingPlace {
	if places := s.Places[key]; len(places) > 0 {
		return &places[0]
	}
	return s.New
}

// InJobGraph tells the keys that become part of the job graph when a job is submitted (CheckpointCoordinatorConfiguration and the state
// backend). With high availability a JobManager that starts again goes on with the stored job graph and skips the submission
// (EmbeddedExecutor, JobGraphStore): a change of these keys reaches no job that is recovered. The Flink operator deletes the stored graph
// at each upgrade for that reason. How many checkpoints are kept and how they are cleaned up is the JobManager's own.
func InJobGraph(key string) bool {
	switch key {
	case "execution.checkpointing.cleaner.parallel-mode", "execution.checkpointing.num-retained":
		return false
	}
	return strings.HasPrefix(key, "execution.checkpointing.") || strings.HasPrefix(key, "state.backend.") || key == "state.backend"
}
