package apply

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/configfile"
	"checkpointhealth.dev/operator/controllers/model"
)

// draftOf is a draft of a workload with one container.
func draftOf(args, env []any, data map[string]string) *draft {
	container := map[string]any{"name": "jm", "args": args, "env": env, "resources": map[string]any{"limits": map[string]any{"memory": "1Gi"}}}
	live := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{
		map[string]any{"name": "sidecar"}, container,
	}}}}}}
	on := &subject{live: live, target: &model.Target{Standalone: &model.Standalone{Container: "jm"}}, files: map[string]*corev1.ConfigMap{"conf": {Data: data}}}
	on.draft = newDraft(on)
	return on.draft
}

var (
	inArgs  = &model.PlaceRef{Kind: model.PlaceArguments, Key: "args"}
	inProps = &model.PlaceRef{Kind: model.PlaceEnvironment, Name: "FLINK_PROPERTIES", Format: string(configfile.Properties)}
	inHeap  = &model.PlaceRef{Kind: model.PlaceEnvironment, Name: "FLINK_JM_HEAP"}
	inFile  = &model.PlaceRef{Kind: model.PlaceConfigMap, Name: "conf", Key: "flink-conf.yaml", Format: string(configfile.Lines)}
)

// Each row is a place, a value that is put there, and what the place then holds. What is put can be taken back to what it was.
func TestWhatIsPutCanBeTakenBack(t *testing.T) {
	args := []any{"standalone-job", "-D", "a=1", "-Db=2", "--input", "-x"}
	env := []any{map[string]any{"name": "FLINK_PROPERTIES", "value": "a: 1\n"}, map[string]any{"name": "FLINK_JM_HEAP", "value": "1024"}}
	data := map[string]string{"flink-conf.yaml": "a: 1 # one\n"}
	cases := []struct {
		name, field, from, to string
		place                 *model.PlaceRef
		wasSet                bool
		holds                 func(*draft) bool
	}{
		{"an argument in two words", "a", "1", "3", inArgs, true, func(d *draft) bool { return d.lists["args"][2] == "a=3" }},
		{"an argument in one word", "b", "2", "3", inArgs, true, func(d *draft) bool { return d.lists["args"][3] == "-Db=3" }},
		{"a new argument goes before the job's own", "c", "", "3", inArgs, false, func(d *draft) bool { return d.lists["args"][4] == "-Dc=3" && d.lists["args"][5] == "--input" }},
		{"a property", "a", "1", "3", inProps, true, func(d *draft) bool { text, _ := d.text(*inProps); return text == "a: 3\n" }},
		{"a heap without a unit", "jobmanager.heap.size", "1024m", "2048m", inHeap, true, func(d *draft) bool { text, _ := d.text(*inHeap); return text == "2048" }},
		{"a line of a file", "a", "1", "3", inFile, true, func(d *draft) bool { text, _ := d.text(*inFile); return text == "a: 3 # one\n" }},
		{"a new line of a file", "b", "", "3", inFile, false, func(d *draft) bool { text, _ := d.text(*inFile); return text == "a: 1 # one\nb: 3\n" }},
		{"a limit", "jobManager.resources.limits.memory", "1Gi", "2Gi", nil, true, func(d *draft) bool { return d.resources["jobManager.resources.limits.memory"] == "2Gi" }},
		{"a new limit", "jobManager.resources.limits.cpu", "", "2", nil, false, func(d *draft) bool { return d.resources["jobManager.resources.limits.cpu"] == "2" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := draftOf(args, env, data)
			if value, set := d.value(c.field, c.place); value != c.from || set != c.wasSet {
				t.Fatalf("it holds %q, %v", value, set)
			}
			prior, err := d.put(c.field, c.place, c.to)
			if value, set := d.value(c.field, c.place); err != nil || value != c.to || !set || !c.holds(d) {
				t.Fatalf("it holds %q, %v, %v; lists %v", value, set, err, d.lists)
			}
			if !d.undo(&model.ChangeRecord{Field: c.field, From: c.from, WasSet: c.wasSet, To: c.to, Place: c.place, Prior: prior}) {
				t.Fatal("it was not undone")
			}
			sameDraft(t, d, draftOf(args, env, data))
		})
	}
}

func sameDraft(t *testing.T, d, before *draft) {
	t.Helper()
	for _, place := range []*model.PlaceRef{inProps, inHeap, inFile} {
		was, _ := before.text(*place)
		if is, _ := d.text(*place); is != was {
			t.Errorf("%s is %q, want %q", place, is, was)
		}
	}
	if !slices.Equal(d.lists["args"], before.lists["args"]) || len(d.resources) != len(before.resources) {
		t.Errorf("arguments %q, resources %v", d.lists["args"], d.resources)
	}
}

// What somebody else changed since is left alone, and what is gone is an error in words.
func TestADraftLeavesWhatIsNotOurs(t *testing.T) {
	d := draftOf([]any{"jobmanager", "-Da=7"}, nil, map[string]string{"flink-conf.yaml": "a: 7\n"})
	for _, place := range []*model.PlaceRef{inArgs, inFile, inProps} {
		if d.undo(&model.ChangeRecord{Field: "a", From: "1", WasSet: true, To: "3", Place: place, Prior: "1"}) {
			t.Errorf("%s was undone although it holds 7", place)
		}
	}
	if _, err := d.put("a", inProps, "3"); err == nil {
		t.Error("a variable that is gone was written")
	}
	if _, err := draftOf([]any{"jobmanager"}, nil, nil).put("a", inArgs, "3"); err == nil {
		t.Error("an argument was added where there is no -D")
	}
}

// A write that ended between the two is shown as the workload knows it: not there yet, or, of an undo, there still.
func TestAHalfwayWriteIsShownAsRolledOut(t *testing.T) {
	change := model.ChangeRecord{Field: "b", To: "3", Place: inFile, Prior: "b: 3\n"}
	d := draftOf(nil, nil, map[string]string{"flink-conf.yaml": "a: 1\nb: 3\n"})
	d.on.halfway = map[string]model.Receipt{"conf": {Outcome: "Pending", Changes: []model.ChangeRecord{change}}}
	d.asRolledOut()
	if text, _ := d.text(*inFile); text != "a: 1\n" {
		t.Errorf("a change that did not roll out: %q", text)
	}
	d = draftOf(nil, nil, map[string]string{"flink-conf.yaml": "a: 1\n"})
	d.on.halfway = map[string]model.Receipt{"conf": {Outcome: "RolledBack", Changes: []model.ChangeRecord{change}}}
	d.asRolledOut()
	if text, _ := d.text(*inFile); text != "a: 1\nb: 3\n" {
		t.Errorf("an undo that did not roll out: %q", text)
	}
}
