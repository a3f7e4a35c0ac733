package flinklocal

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestToxicsReplaceThoseInForce(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		asked = append(asked, r.Method+" "+r.URL.Path+" "+string(body))
		if strings.Contains(string(body), "gremlins") {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{rest: *newRest(port)}
	if err := p.set(t.Context(), []Toxic{{Type: "latency", Stream: "upstream", Attributes: map[string]float64{"latency": 9000}}}); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 2 || !strings.HasPrefix(asked[0], "POST /reset") || !strings.Contains(asked[1], `"attributes":{"latency":9000}`) {
		t.Errorf("asked %q, want a reset and then the toxic", asked)
	}
	if err := p.set(t.Context(), []Toxic{{Type: "gremlins", Stream: "upstream"}}); err == nil || !strings.Contains(err.Error(), "upstream gremlins") {
		t.Errorf("error %v, want one that names the toxic", err)
	}
	(*proxy)(nil).stop()
}

func TestAMissingToxiproxyIsTold(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Chdir(t.TempDir())
	if _, err := findToxiproxy(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "make bin/toxiproxy-server") {
		t.Errorf("error %v, want ErrMissing and how to get it", err)
	}
}
