package diagnose

import (
	"slices"
	"strings"
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func TestTheBuiltInAdvisoriesCompile(t *testing.T) {
	all, err := loadAdvisories(advisoriesYAML)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Errorf("%d advisories, want ten at least", len(all))
	}
	for i := range all {
		if !strings.HasPrefix(all[i].ID, "FLINK-") || strings.HasSuffix(all[i].Title, ".") || !strings.HasSuffix(all[i].Advice, ".") {
			t.Errorf("%s: an issue's number, a title without and advice with a full stop", all[i].ID)
		}
	}
}

func TestBadAdvisoriesAreNamed(t *testing.T) {
	const good = `{id: X-1, title: a, advice: b., weight: 50, affected: ["<2.0.0"]`
	tests := []struct{ name, yaml, want string }{
		{"not YAML", "advisories: [", "not the expected YAML"},
		{"unknown field", "advisories: [" + good + ", colour: red}]", "colour"},
		{"expression that does not compile", "advisories: [" + good + `, configuration: "settings.unaligned ="}]`, `advisory X-1: configuration "settings.unaligned ="`},
		{"expression that uses something unknown", "advisories: [" + good + `, signature: "weather.rain"}]`, `advisory X-1: signature "weather.rain"`},
		{"expression that is no condition", "advisories: [" + good + `, signature: "1 + 1"}]`, "must be true or false"},
		{"bad range", `advisories: [{id: X-2, title: a, advice: b., weight: 50, affected: ["banana"]}]`, `advisory X-2: affected "banana"`},
		{"no range", `advisories: [{id: X-3, title: a, advice: b., weight: 50}]`, "advisory X-3: affected must name"},
		{"no weight", `advisories: [{id: X-4, title: a, advice: b., affected: ["<2.0.0"]}]`, "advisory X-4: weight is 0, must be 1 to 100"},
		{"no id", `advisories: [{title: a, advice: b., weight: 50, affected: ["<2.0.0"]}]`, "id, title and advice must not be empty"},
		{"long title", "advisories: [{id: X-5, title: " + strings.Repeat("a", 300) + `, advice: b., weight: 50, affected: ["<2.0.0"]}]`, "advisory X-5: title has 300"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewDoctor([]byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAnAdvisoryOfTheUsersIsMatched(t *testing.T) {
	d, err := NewDoctor([]byte(`
advisories:
  - id: SHOP-7
    title: our own fork loses barriers
    affected: [">=1.20.0, <1.21.0"]
    fixedIn: ["1.20.6"]
    configuration: config["restart-strategy.type"] == "exponential-delay" && settings.maxConcurrent == 1 && library == "JDBC (PostgreSQL)"
    signature: signature.expired > 1 && signature.subtasks >= 12
    weight: 40
    workaround: {restart-strategy.type: fixed-delay}
    advice: Ask the platform team.
`))
	if err != nil {
		t.Fatal(err)
	}
	s := causeCases[slices.IndexFunc(causeCases, func(c causeCase) bool { return c.name == "sink that flushes before the barrier" })].make(4)
	s.Settings.Cluster = map[string]string{"restart-strategy.type": "exponential-delay"}
	out := d.Diagnose(s, testPolicy(), testNow)
	i := slices.IndexFunc(out.Facts.Advisories, func(a model.AdvisoryMatch) bool { return a.ID == "SHOP-7" })
	if i < 0 || out.Facts.Advisories[i].Workaround["restart-strategy.type"] != "fixed-delay" {
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
	all, err := loadAdvisories(advisoriesYAML, []byte(`advisories: [{id: FLINK-39738, title: ours, advice: b., weight: 5, affected: ["<1.0.0"]}]`))
	if err != nil {
		t.Fatal(err)
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
	all, err := loadAdvisories(advisoriesYAML)
	if err != nil {
		t.Fatal(err)
	}
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
