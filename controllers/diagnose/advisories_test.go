package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestTheBuiltInAdvisoriesAreWhole(t *testing.T) {
	all := builtInAdvisories(t)
	if len(all) < 25 {
		t.Errorf("%d advisories, want 25 at least", len(all))
	}
	id := regexp.MustCompile(`^(FLINK-\d+|[\w-]+/[\w-]+#\d+)$`)
	for i := range all {
		a := &all[i]
		if !id.MatchString(a.ID) || strings.HasSuffix(a.Title, ".") || !strings.HasSuffix(a.Advice, ".") || !strings.Contains(a.Source, a.ID) && !strings.Contains(a.Source, "#") {
			t.Errorf("%s: an issue's number, a title without and advice with a full stop, and a source that names an issue", a.ID)
		}
		if !a.ofFlink() && len(a.Jars) == 0 {
			t.Errorf("%s: no jar tells its version", a.ID)
		}
	}
}

func TestBadAdvisoriesAreNamed(t *testing.T) {
	const good = `{id: X-1, title: a, advice: b., weight: 20, affected: ["<2.0.0"]`
	tests := []struct{ name, yaml, want string }{
		{"not YAML", "advisories: [", "file: is not the expected YAML"},
		{"a key twice", "advisories: []\nadvisories: []", `key "advisories" already set`},
		{"unknown key beside the list", "advisories: []\ncolour: red", "colour"},
		{"no list", "advisories: 7", "file: is not the expected YAML"},
		{"too long", "# " + strings.Repeat("a", 2<<20), "at most 1048576 are read"},
		{"unknown field", "advisories: [" + good + ", colour: red}]", `advisory X-1: has no field "colour"; the fields are id, title`},
		{"text for a number", "advisories: [" + good + `, "fixedIn": "1.2"}]`, "advisory X-1: fixedIn is a string, must be a list of strings"},
		{"number for a text", `advisories: [{id: 7, title: a, advice: b., weight: 50, affected: ["<2.0.0"]}]`, "advisory 7: id is a number, must be a string"},
		{"entry that is none", "advisories: [7]", "advisory 1 of the file (it has no id): is a number, must be a map"},
		{"expression that does not compile", "advisories: [" + good + `, configuration: "settings.unaligned ="}]`, `advisory X-1: configuration is "settings.unaligned ="`},
		{"expression that uses something unknown", "advisories: [" + good + `, signature: "weather.rain"}]`, `advisory X-1: signature is "weather.rain"`},
		{"sign that is none", "advisories: [" + good + `, signature: "signature.rain"}]`, "there is no signature.rain; the names are oversizedAck"},
		{"setting that is none", "advisories: [" + good + `, configuration: "settings.unalinged == true"}]`, "there is no settings.unalinged"},
		{"expression that is no condition", "advisories: [" + good + `, signature: "1 + 1"}]`, "must be true or false"},
		{"bad range", `advisories: [{id: X-2, title: a, advice: b., weight: 50, affected: ["banana"]}]`, `advisory X-2: affected is "banana", must be a range`},
		{"no range", `advisories: [{id: X-3, title: a, advice: b., weight: 50}]`, "advisory X-3: affected is empty, must name"},
		{"no weight", `advisories: [{id: X-4, title: a, advice: b., affected: ["<2.0.0"]}]`, "advisory X-4: weight is 0, must be 1 to 100"},
		{"no id", `advisories: [{title: a, advice: b., weight: 50, affected: ["<2.0.0"]}]`, "advisory 1 of the file (it has no id): id is empty"},
		{"long title", "advisories: [{id: X-5, title: " + strings.Repeat("a", 300) + `, advice: b., weight: 50, affected: ["<2.0.0"]}]`, "advisory X-5: title has 300 bytes, at most 200"},
		{"a place as workaround", "advisories: [" + good + `, workaround: {state.checkpoints.dir: "s3://mine"}}]`, `workaround sets "state.checkpoints.dir", which no workaround may`},
		{"a limit as workaround", "advisories: [" + good + `, workaround: {execution.checkpointing.timeout: 1h}}]`, `workaround sets "execution.checkpointing.timeout"`},
		{"library that nothing names", "advisories: [" + good + `, component: Paimon, signature: signature.gaps}]`, `component is "Paimon", and neither jars nor`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, notes, err := NewDoctorWith(AdvisoryFile{Name: "file", Data: []byte(tt.yaml)})
			if err != nil {
				t.Fatal(err)
			}
			if len(notes) != 1 || !notes[0].Skipped || !strings.Contains(notes[0].String(), tt.want) {
				t.Errorf("got %v, want %q", notes, tt.want)
			}
			if all, own := d.Advisories(); all != own {
				t.Errorf("%d advisories, %d of them built in", all, own)
			}
		})
	}
}

func TestABadEntrySpoilsNoOther(t *testing.T) {
	d, notes, err := NewDoctorWith(AdvisoryFile{Name: "ours", Data: []byte(`
advisories:
  - {id: A-1, title: a, advice: b., weight: 20, affected: ["<2.0.0"]}
  - {id: A-2, title: a, advice: b., weight: 20, affected: ["banana"]}
  - {id: A-3, title: a, advice: b., weight: 90, affected: ["<2.0.0"]}
  - {id: A-1, title: c, advice: b., weight: 20, affected: ["<2.0.0"]}
`)})
	if err != nil {
		t.Fatal(err)
	}
	if all, own := d.Advisories(); all != own+2 {
		t.Errorf("%d of %d advisories are ours, want 2", all-own, all)
	}
	for i, want := range []string{"ours: advisory A-2: affected is", "ours: advisory A-3: weight is 90 and there is no signature", "ours: advisory A-1: replaces the one of the same id (ours)"} {
		if len(notes) != 3 || !strings.Contains(notes[i].String(), want) || notes[i].Skipped != (i == 0) {
			t.Errorf("notes are %v, want %q", notes, want)
		}
	}
}

func TestAdvisoriesAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("advisories:\n")
	for i := range 2 * maxAdvisories {
		fmt.Fprintf(&text, "  - {id: A-%d, title: a, advice: b., weight: 20, affected: [\"<2.0.0\"]}\n", i)
	}
	d, notes, err := NewDoctorWith(AdvisoryFile{Name: "many", Data: []byte(text.String())})
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := d.Advisories(); all != maxAdvisories || len(notes) != maxNotes {
		t.Errorf("%d advisories and %d notes", all, len(notes))
	}
}

func TestAConfigMapIsItsKeys(t *testing.T) {
	files := AdvisoryFiles("cm.yaml", []byte("kind: ConfigMap\napiVersion: v1\ndata:\n  b.yaml: 'advisories: []'\n  a.yaml: x\n"))
	if len(files) != 2 || files[0].Name != "cm.yaml, key a.yaml" || string(files[0].Data) != "x" || string(files[1].Data) != "advisories: []" {
		t.Errorf("got %+v", files)
	}
	if files := AdvisoryFiles("plain", []byte("advisories: []")); len(files) != 1 || files[0].Name != "plain" {
		t.Errorf("got %+v", files)
	}
}

func TestAnAdvisoryOfTheUsersIsMatched(t *testing.T) {
	d, notes, err := NewDoctorWith(AdvisoryFile{Name: "shop", Data: []byte(`
advisories:
  - id: SHOP-7
    title: our own fork loses barriers
    affected: [">=1.20.0, <1.21.0"]
    fixedIn: ["1.20.6"]
    configuration: config["restart-strategy.type"] == "exponential-delay" && settings.maxConcurrent == 1 && library == "JDBC (PostgreSQL)"
    signature: signature.expired > 1 && signature.subtasks >= 12
    weight: 40
    workaround: {execution.checkpointing.min-pause: 30 s}
    advice: Ask the platform team.
`)})
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	s := causeCases[slices.IndexFunc(causeCases, func(c causeCase) bool { return c.name == "sink that flushes before the barrier" })].make(4)
	s.Settings.Cluster = map[string]string{"restart-strategy.type": "exponential-delay"}
	out := d.Diagnose(s, testPolicy(), testNow)
	i := slices.IndexFunc(out.Facts.Advisories, func(a model.AdvisoryMatch) bool { return a.ID == "SHOP-7" })
	if i < 0 || out.Facts.Advisories[i].Workaround["execution.checkpointing.min-pause"] != "30 s" {
		t.Fatalf("got %+v", out.Facts.Advisories)
	}
	if out.Top().Cause != api.CauseSinkFlush {
		t.Errorf("an advisory of weight 40 came first: %s", out.Top().Cause)
	}
	s.Settings.Cluster = nil // an expression that needs what is not there does not match
	if out := d.Diagnose(s, testPolicy(), testNow); len(out.Facts.Advisories) != 0 {
		t.Errorf("got %+v", out.Facts.Advisories)
	}
}

func TestAnAdvisoryReplacesTheBuiltInOne(t *testing.T) {
	all, notes, err := loadAdvisories(AdvisoryFile{Name: builtInFile, Data: advisoriesYAML},
		AdvisoryFile{Name: "ours", Data: []byte(`advisories: [{id: FLINK-39738, title: ours, advice: b., weight: 5, affected: ["<1.0.0"]}]`)})
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || notes[0].Skipped || notes[0].Text != "replaces the one of the same id (built in)" {
		t.Errorf("notes are %v", notes)
	}
	n := 0
	for i := range all {
		if all[i].ID == "FLINK-39738" {
			n++
			if all[i].Title != "ours" {
				t.Errorf("still %q", all[i].Title)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d of that id", n)
	}
}

func TestVersionsAsVendorsWriteThem(t *testing.T) {
	all := builtInAdvisories(t)
	issue := func(id string) *compiled {
		return &all[slices.IndexFunc(all, func(c compiled) bool { return c.ID == id })]
	}
	tests := []struct {
		id, version string
		want        bool
	}{
		{"FLINK-39738", "1.20.5", true}, {"FLINK-39738", "2.3.0", true}, {"FLINK-39738", "2.4-SNAPSHOT", false}, {"FLINK-39738", "2.4.0", false},
		{"FLINK-37870", "1.20.1", true}, {"FLINK-37870", "1.20.1-amzn-0", true}, {"FLINK-37870", "1.20.2", false}, {"FLINK-37870", "2.0.0", true},
		{"FLINK-29913", "1.16.2", true}, {"FLINK-29913", "1.16.3", false}, {"FLINK-29913", "1.17.1", true}, {"FLINK-29913", "1.17.2", false}, {"FLINK-29913", "1.18.0", false},
		{"FLINK-38574", "1.20.5", true}, {"FLINK-38574", "2.0.2", false}, {"FLINK-38574", "2.1.1", true}, {"FLINK-38574", "2.2.0", false},
	}
	for _, tt := range tests {
		if got := issue(tt.id).affects(flinkVersion(tt.version)); got != tt.want {
			t.Errorf("%s in %s: %v, want %v", tt.id, tt.version, got, tt.want)
		}
	}
	for _, text := range []string{"", "banana", "-"} {
		if flinkVersion(text) != nil {
			t.Errorf("%q is no version", text)
		}
	}
}
