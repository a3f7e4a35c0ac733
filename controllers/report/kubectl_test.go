package report

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/jsonpath"
	"k8s.io/kubectl/pkg/describe"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// reported is an object with the status of a situation, as the API server serves it.
func reported(t *testing.T, pass *model.Pass) *unstructured.Unstructured {
	t.Helper()
	o := object()
	o.Status = Status(o, pass)
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	out := &unstructured.Unstructured{}
	if err := out.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestKubectlDescribe describes objects with kubectl's own describer, against a server that serves them.
func TestKubectlDescribe(t *testing.T) {
	for _, name := range []string{"slow-storage", "healthy", "at-risk", "unreachable", "pending-verification", "rolled-back", "advice-only", "undetermined"} {
		t.Run(name, func(t *testing.T) {
			o := reported(t, situations[name]())
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				var body any = map[string]any{"kind": "EventList", "apiVersion": "v1", "metadata": map[string]any{}, "items": []any{}}
				if strings.Contains(r.URL.Path, "checkpointhealths") {
					body = o
				}
				if err := json.NewEncoder(w).Encode(body); err != nil {
					t.Error(err)
				}
			}))
			defer server.Close()
			mapping := &meta.RESTMapping{
				Resource:         schema.GroupVersionResource{Group: "flink.checkpointhealth.dev", Version: "v1alpha1", Resource: "checkpointhealths"},
				GroupVersionKind: api.GroupVersion.WithKind("CheckpointHealth"), Scope: meta.RESTScopeNamespace,
			}
			describer, ok := describe.GenericDescriberFor(mapping, &rest.Config{Host: server.URL})
			if !ok {
				t.Fatal("kubectl has no describer")
			}
			text, err := describer.Describe("prod", "payments", describe.DescriberSettings{})
			if err != nil {
				t.Fatal(err)
			}
			block := assessmentBlock(t, text)
			narrow(t, block, 80)
			for _, line := range Status(object(), situations[name]()).Assessment {
				if !strings.Contains(block, "    "+line+"\n") {
					t.Errorf("kubectl changed the line %q", line)
				}
			}
			golden(t, "describe-"+name+".txt", text)
		})
	}
}

// assessmentBlock is what stands under Status and Assessment, which must come first.
func assessmentBlock(t *testing.T, text string) string {
	t.Helper()
	_, block, found := strings.Cut(text, "\nStatus:\n  Assessment:\n")
	if !found {
		t.Fatalf("the assessment is not the first field of status:\n%s", text)
	}
	end := strings.Index(block, "\n  Ch") // Checkpoints, or Cause where there are none
	if c := strings.Index(block, "\n  C"); end < 0 || c < end {
		end = c
	}
	return block[:end+1]
}

// TestKubectlGet prints the list view from the columns of the CustomResourceDefinition, with kubectl's own printer.
func TestKubectlGet(t *testing.T) {
	for file, wide := range map[string]bool{"get.txt": false, "get-wide.txt": true} {
		table := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{{Name: "Name", Type: "string", Format: "name"}}}
		columns := crd(t).Spec.Versions[0].AdditionalPrinterColumns
		for _, c := range columns {
			table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: c.Name, Type: c.Type, Priority: c.Priority})
		}
		for _, name := range []string{"slow-storage", "pending-verification", "cured", "at-risk", "healthy", "unreachable", "rolled-back"} {
			o := reported(t, situations[name]())
			o.SetName(name)
			row := metav1.TableRow{Cells: []any{name}, Object: runtime.RawExtension{Object: o}}
			for _, c := range columns {
				row.Cells = append(row.Cells, cell(t, o, c.JSONPath, c.Type))
			}
			table.Rows = append(table.Rows, row)
		}
		var b strings.Builder
		if err := printers.NewTablePrinter(printers.PrintOptions{Wide: wide}).PrintObj(table, &b); err != nil {
			t.Fatal(err)
		}
		if !wide {
			narrow(t, b.String(), 80)
		}
		golden(t, file, b.String())
	}
}

// cell is one column of an object as the API server computes it.
func cell(t *testing.T, o *unstructured.Unstructured, path, kind string) any {
	t.Helper()
	j := jsonpath.New("column").AllowMissingKeys(true)
	if err := j.Parse("{" + path + "}"); err != nil {
		t.Fatal(err)
	}
	found, err := j.FindResults(o.UnstructuredContent())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || len(found[0]) == 0 {
		return nil
	}
	value := found[0][0].Interface()
	if kind != "date" {
		return value
	}
	text, ok := value.(string)
	when, err := time.Parse(time.RFC3339, text)
	if err != nil || !ok {
		t.Fatalf("%v is no time: %v", value, err)
	}
	return duration.HumanDuration(at.Sub(when))
}
