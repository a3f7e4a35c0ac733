package apply

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/probe"
)

// The command line in the pod is one that the probe takes, and names its targets as its result will.
func TestTheProbeTakesItsArguments(t *testing.T) {
	order := &model.ProbeOrder{Node: "n", Targets: []model.ProbeTarget{
		{Name: "rpc", Address: "10.0.1.7:6123"}, {Name: "rest", Address: "[fd00::7]:8081", Path: "/config"},
	}}
	args := probeArgs(order)
	if args[0] != "probe" {
		t.Errorf("the command is %q", args[0])
	}
	options := probe.Defaults()
	flags := pflag.NewFlagSet("probe", pflag.ContinueOnError)
	options.Flags(flags)
	flags.String("output", "", "")
	flags.String("result-file", "", "")
	if err := flags.Parse(args[1:]); err != nil {
		t.Fatal(err)
	}
	if err := options.Check(); err != nil {
		t.Error(err)
	}
	if options.Deadline.Seconds() >= probeActiveSeconds {
		t.Errorf("it measures for up to %s and is ended after %d s", options.Deadline, probeActiveSeconds)
	}
	named := kinds(order)
	for _, text := range flags.Args() {
		target, err := probe.ParseTarget(text)
		if err != nil || target.String() != text || !strings.Contains(named, "="+text) {
			t.Errorf("%q is %q in the result (%v), and %q in the annotation", text, target, err, named)
		}
	}
}

func TestProbePodsHaveAName(t *testing.T) {
	pods := &ProbePods{}
	seen := map[string]bool{}
	for _, name := range []string{"payments", "a", strings.Repeat("x", 253), strings.Repeat("y", 39) + ".z", strings.Repeat("y", 39) + "-z"} {
		owner := &api.CheckpointHealth{}
		owner.Name, owner.UID = name, "11111111-2222-3333-4444-555555555555"
		got := pods.Name(owner).Name
		if len(got) > 63 || strings.Contains(got, ".-") || strings.Contains(got, "--") || seen[got] && len(name) < 40 {
			t.Errorf("%q becomes %q", name, got)
		}
		seen[got] = true
		owner.UID = "99999999-2222-3333-4444-555555555555"
		if pods.Name(owner).Name == got {
			t.Errorf("an object of the same name has the same pod: %s", got)
		}
	}
}

// The default install may not create pods: that right is in a file of its own.
func TestTheRightToCreatePodsIsOptional(t *testing.T) {
	for file, want := range map[string]string{"rbac/role.yaml": "get list watch", "network-probe/role.yaml": "create delete"} {
		text, err := os.ReadFile("../../config/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var role rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict(text, &role); err != nil {
			t.Fatal(err)
		}
		var verbs []string
		for _, rule := range role.Rules {
			if slices.Contains(rule.APIGroups, "") && slices.Contains(rule.Resources, "pods") {
				verbs = append(verbs, rule.Verbs...)
			}
		}
		slices.Sort(verbs)
		if got := strings.Join(verbs, " "); got != want {
			t.Errorf("%s lets pods be: %s; want %s", file, got, want)
		}
	}
}

// Who refuses a pod is told apart by the API server's words.
func TestWhoRefusesAProbePod(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	forbidden := func(why string) error { return apierrors.NewForbidden(pods, "x", errors.New(why)) }
	for want, err := range map[string]error{
		"a ResourceQuota refuses the probe pod":   forbidden("exceeded quota: small, requested: pods=1, used: pods=3, limited: pods=3"),
		"pod security refuses the probe pod":      forbidden(`violates PodSecurity "restricted:latest": seccompProfile`),
		"may not create pods in namespace shop":   forbidden(`User "x" cannot create resource "pods" in API group "" in the namespace "shop"`),
		"the probe pod cannot be created: admiss": errors.New("admission webhook says no"),
	} {
		if got := refusedPod(err, "shop").Error(); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
