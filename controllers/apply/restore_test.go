package apply

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"checkpointhealth.dev/operator/controllers/model"
)

// A field that was not set is undone by giving it up. Where another manager wants the same value by now it would stay, and saying that it
// was restored would be wrong: on a container's limit as well as on a field of a FlinkDeployment. What stands in a text is written anew.
func TestWhatAnotherManagerWantsAsWellIsNotSaidToBeRestored(t *testing.T) {
	const limit, key = "jobManager.resources.limits.memory", "jobmanager.io-pool.size"
	flink := &subject{target: &model.Target{Owners: map[string][]string{key: {"kubectl"}}}, live: &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"flinkConfiguration": map[string]any{key: "5"}}}}}
	standalone := func(owners map[string][]string) *subject {
		on := draftOf([]any{"jobmanager"}, nil, map[string]string{"flink-conf.yaml": "a: 1\n" + key + ": 5\n"}).on
		on.target.Owners = owners
		return on
	}
	inText := model.ChangeRecord{Field: key, To: "5", Place: inFile, Prior: key + ": 5\n"}
	for _, c := range []struct {
		name     string
		on       *subject
		record   model.ChangeRecord
		restored bool
	}{
		{"a key of a FlinkDeployment", flink, model.ChangeRecord{Field: key, To: "5"}, false},
		{"a limit", standalone(map[string][]string{limit: {"kubectl"}}), model.ChangeRecord{Field: limit, To: "1Gi"}, false},
		{"a limit that is ours alone", standalone(nil), model.ChangeRecord{Field: limit, To: "1Gi"}, true},
		{"a limit that was set", standalone(map[string][]string{limit: {"kubectl"}}), model.ChangeRecord{Field: limit, From: "2Gi", WasSet: true, To: "1Gi"}, true},
		{"a line of a file", standalone(map[string][]string{key: {"kubectl"}}), inText, true},
	} {
		restored, foreign := c.on.restore(&model.Receipt{Changes: []model.ChangeRecord{c.record}}, nil, &edit{set: map[string]*string{}})
		if (len(restored) == 1) != c.restored || (len(foreign) == 1) == c.restored {
			t.Errorf("%s: restored %q, left %q", c.name, restored, foreign)
		}
	}
}

// An argument that we added in one word and somebody wrote in two goes out as two: a -D alone would take the next word for its own.
func TestAnArgumentInTwoWordsGoesOutWhole(t *testing.T) {
	d := draftOf([]any{"jobmanager", "-Da=1", "-D", "b=2", "--webui-port", "8081"}, nil, nil)
	if !d.undo(&model.ChangeRecord{Field: "b", To: "2", Place: inArgs}) || !slices.Equal(d.lists["args"], []string{"jobmanager", "-Da=1", "--webui-port", "8081"}) {
		t.Errorf("arguments %q", d.lists["args"])
	}
}

// A -D among the job's own arguments is not Flink's: it is neither read nor changed, and none is added behind it.
func TestTheJobsOwnArgumentsAreLeftAlone(t *testing.T) {
	d := draftOf([]any{"standalone-job", "-Da=1", "--rate", "3", "-Db=2"}, nil, nil)
	d.on.target.Standalone.OwnWords = map[string]model.WordRange{"args": {From: 1, To: 2}}
	if value, set := d.value("b", inArgs); set {
		t.Errorf("the job's own b is taken for Flink's: %q", value)
	}
	for _, field := range []string{"b", "c"} {
		if _, err := d.put(field, inArgs, "5"); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"standalone-job", "-Da=1", "-Db=5", "-Dc=5", "--rate", "3", "-Db=2"}
	if !slices.Equal(d.lists["args"], want) {
		t.Errorf("arguments %q, want %q", d.lists["args"], want)
	}
	for _, field := range []string{"c", "b"} {
		if !d.undo(&model.ChangeRecord{Field: field, To: "5", Place: inArgs}) {
			t.Errorf("%s was not undone", field)
		}
	}
	if !slices.Equal(d.lists["args"], []string{"standalone-job", "-Da=1", "--rate", "3", "-Db=2"}) {
		t.Errorf("arguments %q", d.lists["args"])
	}
}
