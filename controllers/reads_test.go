package controllers

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// unchanged answers a read with what the API server said before, as long as nobody has written to that resource of that namespace since. No
// controller runs beside the stories: whoever writes goes through here, so that a read that is answered so is what it would be. Most of a story's
// seconds change nothing, and reads are what the stories' time is spent on.
type unchanged struct {
	next  http.RoundTripper
	reads *reads
}

// reads are the answers by resource, in one namespace or in all.
type reads struct {
	mu     sync.Mutex
	answer map[string]map[string]answer
	writes map[string]int
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

var allReads = &reads{answer: map[string]map[string]answer{}, writes: map[string]int{}}

// planeConfig is the stories' way to the API server; every client of it is made from one.
func planeConfig() *rest.Config {
	config := plane.Config()
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return unchanged{next: next, reads: allReads} })
	return config
}

// resourceOf is what a path speaks of, without version and name: GROUP/NAMESPACE/RESOURCE; whole is false for parts of an object, such as a log.
func resourceOf(path string) (group, namespace, resource string, whole bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		group, parts = parts[1], parts[3:]
	default:
		return "", "", "", false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	return group, namespace, parts[0], len(parts) < 3
}

// RoundTrip remembers reads of the administrator and forgets at each write, before and after it.
func (u unchanged) RoundTrip(request *http.Request) (*http.Response, error) {
	group, namespace, resource, whole := resourceOf(request.URL.Path)
	if request.Method != http.MethodGet {
		scopes := []string{group + "/" + namespace + "/" + resource, group + "//" + resource}
		u.reads.forget(scopes)
		defer u.reads.forget(scopes)
		return u.next.RoundTrip(request)
	}
	query := request.URL.Query()
	if !whole || query.Has("watch") || query.Has("resourceVersion") || request.Header.Get("Impersonate-User") != "" {
		return u.next.RoundTrip(request)
	}
	return u.remembered(request, group+"/"+namespace+"/"+resource)
}

func (u unchanged) remembered(request *http.Request, scope string) (*http.Response, error) {
	key := request.URL.RequestURI() + " " + request.Header.Get("Accept")
	known, ok, writes := u.reads.recall(scope, key)
	if ok {
		return known.response(request), nil
	}
	response, err := u.next.RoundTrip(request)
	if err != nil || (response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNotFound) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if closed := response.Body.Close(); err != nil || closed != nil {
		return nil, fmt.Errorf("answer to %s: %w", request.URL, err)
	}
	fresh := answer{status: response.StatusCode, header: response.Header, body: body}
	u.reads.keep(scope, key, writes, fresh)
	return fresh.response(request), nil
}

func (a answer) response(request *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}
}

func (r *reads) recall(scope, key string) (known answer, ok bool, writes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok = r.answer[scope][key]
	return known, ok, r.writes[scope]
}

// keep keeps an answer unless somebody wrote while it came.
func (r *reads) keep(scope, key string, writes int, fresh answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writes[scope] != writes {
		return
	}
	if r.answer[scope] == nil {
		r.answer[scope] = map[string]answer{}
	}
	r.answer[scope][key] = fresh
}

func (r *reads) forget(scopes []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, scope := range scopes {
		delete(r.answer, scope)
		r.writes[scope]++
	}
}

// What a story reads is what the API server has: after its own writes, another client's and a deletion, of one object, of its namespace and of all.
func TestAReadIsWhatTheAPIServerHas(t *testing.T) {
	t.Parallel()
	namespace := namespaceFor(t, "story-reads")
	other, err := client.New(planeConfig(), client.Options{})
	mustDo(t, err)
	truth, err := client.New(plane.Config(), client.Options{})
	mustDo(t, err)
	file := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "file"}, Data: map[string]string{"step": "0"}}
	steps := func(reader client.Client) (all []string) {
		for _, in := range []client.ListOption{client.InNamespace(namespace), client.MatchingLabels{}} {
			var list corev1.ConfigMapList
			mustDo(t, reader.List(t.Context(), &list, in))
			for i := range list.Items {
				if list.Items[i].Namespace == namespace && list.Items[i].Name == "file" {
					all = append(all, list.Items[i].Data["step"])
				}
			}
		}
		var one corev1.ConfigMap
		if err := client.IgnoreNotFound(reader.Get(t.Context(), client.ObjectKeyFromObject(file), &one)); err != nil {
			t.Fatal(err)
		}
		return append(all, one.Data["step"])
	}
	step := func(what string, do func() error) {
		before := steps(admin) // remembered
		mustDo(t, do())
		if got, want := steps(admin), steps(truth); !slices.Equal(got, want) || slices.Equal(got, before) {
			t.Errorf("%s: read %q, the API server has %q, and had %q", what, got, want, before)
		}
	}
	step("created", func() error { return admin.Create(t.Context(), file) })
	file.Data["step"] = "1"
	step("updated", func() error { return admin.Update(t.Context(), file) })
	step("patched by another", func() error {
		return other.Patch(t.Context(), file, client.RawPatch("application/merge-patch+json", []byte(`{"data":{"step":"2"}}`)))
	})
	step("deleted", func() error { return other.Delete(t.Context(), file) })
}
