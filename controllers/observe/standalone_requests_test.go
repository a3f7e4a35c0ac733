package observe

import (
	"context"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/yaml"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// askedOf counts what is asked of the API server, by verb and type.
type askedOf map[string]int

func (a askedOf) client(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	inner := fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).Build()
	return interceptor.NewClient(inner, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
			a[fmt.Sprintf("get %T", into)]++
			return c.Get(ctx, key, into, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, into client.ObjectList, options ...client.ListOption) error {
			a["list"]++
			return c.List(ctx, into, options...)
		},
	})
}

// Ten minutes of a standalone JobManager, looked at every ten seconds: while it is healthy its ConfigMap is read once a minute, and who else uses
// it looked for then; while it is sick both are done in every pass, for that is when they are decided on. The workload, which the cache
// holds, is read in every pass, and a change of it is seen at once.
func TestWhatAStandalonePassAsksOfKubernetes(t *testing.T) {
	const passes, configMap, deployment = 60, "get *v1.ConfigMap", "get *v1.Deployment"
	for _, c := range []struct {
		name             string
		health           api.Health
		pausedIn         int // the pass before which the Deployment is changed
		configMaps, asks int
	}{
		{"healthy", api.HealthHealthy, passes, 10, 20},
		{"healthy, and rolled out once", api.HealthHealthy, passes/2 + 1, 11, 22},
		{"sick", api.HealthUnhealthy, passes, passes, 2 * passes},
		{"at risk", api.HealthAtRisk, passes, passes, 2 * passes},
	} {
		asked := askedOf{}
		reader := asked.client(t, inShop(t, jobManager("jm", confVolume, confMount), &appsv1.Deployment{}), inShop(t, linesMap, &corev1.ConfigMap{}))
		var memory Memory
		memory.judged(time.Time{}, c.health, "")
		start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		for i := range passes {
			if i == c.pausedIn {
				pause(t, reader)
				asked[deployment]--
			}
			target, err := memory.Target(t.Context(), reader, api.TargetReference{APIVersion: "apps/v1", Kind: kindDeployment, Name: "jm"}, "shop", start.Add(time.Duration(i)*10*time.Second))
			if err != nil || target.Config[keyTimeoutTest] != "10 min" || (target.Standalone.Paused != "") != (i >= c.pausedIn) {
				t.Fatalf("%s, pass %d: %v, configuration %v, paused %q", c.name, i, err, target.Config, target.Standalone.Paused)
			}
		}
		if asked[configMap] != c.configMaps || asked["list"] != c.asks || asked[deployment] != passes {
			t.Errorf("%s: %v, want %d of the ConfigMap and %d lists", c.name, asked, c.configMaps, c.asks)
		}
	}
}

// A verdict that its ConfigMap refuses, which calls the remedy pending yet, does not have it read in every pass of a healthy job. Once it was written it is
// read anew, or the verdict would be written again.
func TestAVerdictThatAConfigMapRefusesIsNotReadForever(t *testing.T) {
	const configMap = "get *v1.ConfigMap"
	receipt := `[{"id":"a","outcome":"%s","appliedAt":"2026-11-22T02:00:00Z"}]`
	deployment, config := inShop(t, jobManager("jm", confVolume, confMount), &appsv1.Deployment{}), inShop(t, linesMap, &corev1.ConfigMap{})
	deployment.SetAnnotations(map[string]string{api.AnnotationReceipts: fmt.Sprintf(receipt, api.OutcomeEffective)})
	config.SetAnnotations(map[string]string{api.AnnotationReceipts: fmt.Sprintf(receipt, api.OutcomePending)})
	asked := askedOf{}
	reader := asked.client(t, deployment, config)
	var memory Memory
	memory.judged(time.Time{}, api.HealthHealthy, "")
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	untold := func() int {
		now = now.Add(time.Second)
		target, err := memory.Target(t.Context(), reader, api.TargetReference{APIVersion: "apps/v1", Kind: kindDeployment, Name: "jm"}, "shop", now)
		if err != nil {
			t.Fatal(err)
		}
		return len(target.Standalone.Untold)
	}
	for range 120 {
		if untold() != 1 {
			t.Fatal("the verdict is told, want it untold")
		}
	}
	if asked[configMap] != 2 {
		t.Errorf("the ConfigMap was read %d times in two minutes, want 2", asked[configMap])
	}
	config.SetResourceVersion("")
	config.SetAnnotations(nil)
	if err := reader.Update(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	memory.Rewritten()
	if n := untold(); n != 0 {
		t.Errorf("%d verdicts are untold after the write, want none", n)
	}
}

// inShop reads an object of namespace shop.
func inShop(t *testing.T, document string, into client.Object) client.Object {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(document), into); err != nil {
		t.Fatal(err)
	}
	into.SetNamespace("shop")
	return into
}

// pause changes Deployment jm, which one GET and one write do.
func pause(t *testing.T, c client.Client) {
	t.Helper()
	var d appsv1.Deployment
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: "shop", Name: "jm"}, &d); err != nil {
		t.Fatal(err)
	}
	d.Spec.Paused = true
	if err := c.Update(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
}

// What another job of the policy has in flight costs one read of its workload, which the cache holds: no ConfigMap and no list.
func TestWhatIsInFlightElsewhereCostsOneRead(t *testing.T) {
	var d appsv1.Deployment
	if err := yaml.UnmarshalStrict([]byte(jobManager("jm", confVolume, confMount)), &d); err != nil {
		t.Fatal(err)
	}
	d.Namespace = "shop"
	d.Annotations = map[string]string{api.AnnotationReceipts: `[{"id":"a","outcome":"Pending","appliedAt":"2026-11-22T03:00:00Z"}]`}
	asked := askedOf{}
	target, err := TargetReceipts(t.Context(), asked.client(t, &d), api.TargetReference{APIVersion: "apps/v1", Kind: kindDeployment, Name: "jm"}, "shop")
	if err != nil || len(target.Receipts) != 1 || !target.Receipts[0].Pending() || len(asked) != 1 || asked["get *v1.Deployment"] != 1 {
		t.Errorf("%v, receipts %+v, asked %v", err, target.Receipts, asked)
	}
}
