package observe

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// receiptFrom is the annotation with one receipt.
func receiptFrom(uid, outcome, at, jobID string) string {
	return `[{"id":"r-` + at + `","uid":"` + uid + `","appliedAt":"2026-11-22T` + at + `:00:00Z","outcome":"` + outcome + `","baseline":{"jobID":"` + jobID + `"}}]`
}

// poolWith is a session cluster whose FlinkSessionJobs carry the annotations, by name; the job of each has its name's id.
func poolWith(t *testing.T, annotations map[string]string) (*model.Target, *SessionJobs) {
	t.Helper()
	pool := object(t, poolYAML)
	objects := []client.Object{pool}
	for name, receipts := range annotations {
		job := object(t, strings.NewReplacer("clicks", name, "aaa", "id-"+name).Replace(clicksYAML))
		job.SetAnnotations(map[string]string{api.AnnotationReceipts: receipts})
		objects = append(objects, job)
	}
	target := FlinkDeployment(pool)
	target.Receipts = nil
	return &target, ListSessionJobs(context.Background(), fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(objects...).Build(), &target)
}

func TestWhichSessionJobCarriesTheReceipts(t *testing.T) {
	for _, test := range []struct {
		name     string
		jobs     map[string]string
		lastName string
		want     string
	}{
		{"none was written", map[string]string{"a": "", "b": receiptFrom("other", "Pending", "01", "")}, "", ""},
		{"the one with ours", map[string]string{"a": receiptFrom("own", "Effective", "01", ""), "b": receiptFrom("other", "Pending", "02", "")}, "", "a"},
		{"the one that was written last", map[string]string{"a": receiptFrom("own", "Effective", "01", ""), "b": receiptFrom("own", "Effective", "02", "")}, "", "b"},
		{"the one in flight", map[string]string{"a": receiptFrom("own", "Pending", "01", ""), "b": receiptFrom("own", "Effective", "02", "")}, "b", "a"},
		{"the one that was beside it last", map[string]string{"a": "", "b": receiptFrom("own", "Effective", "02", "")}, "a", "a"},
		{"the one that cannot be read and speaks of us", map[string]string{"a": `{"uid":"own"`, "b": receiptFrom("own", "Effective", "02", "")}, "b", "a"},
	} {
		target, jobs := poolWith(t, test.jobs)
		got := ""
		if carrier := jobs.carrier("own", test.lastName, Selector{}); carrier != nil {
			got = carrier.Name
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if test.lastName == "" {
			jobs.AttachCarrier(target, "own", Selector{})
			if len(target.Others) != min(len(test.want), 1) {
				t.Errorf("%s: attached %d", test.name, len(target.Others))
			}
		}
	}
}

// What a CheckpointHealth began that was deleted since is found by the one that means the same job; by no other, and not before its own.
func TestWhichSessionJobAnOrphanedRemedyIsFoundOn(t *testing.T) {
	gone := func(jobID string) string { return receiptFrom("gone", "Pending", "03", jobID) }
	for _, test := range []struct {
		name  string
		jobs  map[string]string
		means Selector
		want  string
	}{
		{"the only one", map[string]string{"a": gone("")}, Selector{}, "a"},
		{"the job's name", map[string]string{"a": gone("")}, Selector{Name: "job-a"}, "a"},
		{"the name of another", map[string]string{"a": gone("")}, Selector{Name: "job-b"}, ""},
		{"the job's id", map[string]string{"a": gone("")}, Selector{ID: "id-a"}, "a"},
		{"its id before the remedy", map[string]string{"a": gone("before")}, Selector{ID: "before"}, "a"},
		{"the id of another", map[string]string{"a": gone("before")}, Selector{ID: "id-b"}, ""},
		{"its own goes first", map[string]string{"a": gone(""), "b": receiptFrom("own", "Pending", "01", "")}, Selector{}, "b"},
		{"one that was judged", map[string]string{"a": receiptFrom("gone", "Effective", "03", "")}, Selector{}, ""},
		{"somebody's who is there", map[string]string{"a": receiptFrom("other", "Pending", "03", "")}, Selector{}, ""},
	} {
		target, jobs := poolWith(t, test.jobs)
		for _, object := range jobs.objects {
			if err := unstructured.SetNestedField(object.Object, "job-"+object.GetName(), "status", "jobStatus", "jobName"); err != nil {
				t.Fatal(err)
			}
		}
		jobs.WithOrphans(func(uid string) bool { return uid == "gone" }).AttachCarrier(target, "own", test.means)
		got := ""
		if len(target.Others) > 0 {
			got = target.Others[0].Name
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// Whatever Flink answers, and whoever else answers to the selector, the FlinkSessionJob with the remedy in flight lies beside the cluster.
func TestTheCarrierIsBesideTheClusterWhateverFlinkAnswers(t *testing.T) {
	for _, test := range []struct {
		name             string
		jobs             map[string]string
		selector         Selector
		change           func(*world)
		beside, job, why string
	}{
		{name: "Flink does not answer", jobs: map[string]string{"a": receiptFrom("own", "Pending", "01", "")},
			change: func(w *world) { w.fake.failure = errors.New("connection refused") }, beside: "a", why: api.ReasonJobManagerUnreachable},
		{name: "the job is gone, and another answers to the selector", jobs: map[string]string{"a": receiptFrom("own", "Pending", "01", "")}, beside: "a", why: api.ReasonJobNotFound},
		{name: "the same for a remedy that was judged", jobs: map[string]string{"a": receiptFrom("own", "Effective", "01", "")}, job: jobID},
		{name: "no job, and a remedy that was judged", jobs: map[string]string{"a": receiptFrom("own", "Effective", "01", "")}, selector: Selector{Name: "none"}, beside: "a", why: api.ReasonJobNotFound},
		{name: "an id of before the remedy", jobs: map[string]string{"a": receiptFrom("own", "Effective", "01", "before")}, selector: Selector{ID: "before"}, beside: "a", why: api.ReasonJobNotFound},
	} {
		w := newWorld(t)
		w.opts.Target, w.opts.SessionJobs = poolWith(t, test.jobs)
		w.opts.UID, w.opts.Selector = "own", test.selector
		if test.change != nil {
			test.change(w)
		}
		snapshot := w.pass(0, api.HealthHealthy)
		beside := ""
		if len(snapshot.Target.Others) > 0 {
			beside = snapshot.Target.Others[0].Name
		}
		got := []string{beside, snapshot.Job.ID, snapshot.Availability.Reason}
		if diff := cmp.Diff([]string{test.beside, test.job, test.why}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// What cannot be listed is not gone; where the kind is not known there is none.
func TestSessionJobsThatCannotBeListed(t *testing.T) {
	for _, test := range []struct {
		err  error
		says string
	}{
		{errors.New("etcd is away"), "cannot be listed: etcd is away"},
		{&meta.NoKindMatchError{GroupKind: schema.GroupKind{Group: "flink.apache.org", Kind: kindFlinkSessionJob}}, ""},
	} {
		reader := interceptor.NewClient(fake.NewClientBuilder().WithScheme(testScheme(t)).Build(), interceptor.Funcs{
			List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error {
				return test.err
			}})
		target := FlinkDeployment(object(t, poolYAML))
		ListSessionJobs(context.Background(), reader, &target).AttachCarrier(&target, "own", Selector{})
		if !strings.Contains(target.ReceiptsError, test.says) || (target.ReceiptsError == "") != (test.says == "") {
			t.Errorf("%v: %q", test.err, target.ReceiptsError)
		}
	}
}
