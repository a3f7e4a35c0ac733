package flinklocal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// answerLimit bounds what is read of one answer, in bytes.
const answerLimit = 16 << 20

// rest speaks to one JobManager. A starved one answers after half a minute, hence the patience.
type rest struct {
	base string
	http *http.Client
}

func newRest(port int) *rest {
	// No kept connections: the JobManager at the other end is replaced now and then.
	return &rest{base: fmt.Sprintf("http://%s:%d", loopback, port),
		http: &http.Client{Timeout: 45 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

func (r *rest) do(req *http.Request, answer any) (err error) {
	resp, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.600s", req.Method, req.URL.Path, resp.Status, body)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(body, answer)
}

func (r *rest) get(ctx context.Context, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, http.NoBody)
	if err != nil {
		return err
	}
	return r.do(req, answer)
}

func (r *rest) post(ctx context.Context, path, contentType string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	return r.do(req, answer)
}

// upload sends a job jar and returns the name under which the JobManager keeps it.
func (r *rest) upload(ctx context.Context, jar string) (string, error) {
	text, err := os.ReadFile(jar)
	if err != nil {
		return "", err
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	head := textproto.MIMEHeader{}
	head.Set("Content-Disposition", fmt.Sprintf(`form-data; name="jarfile"; filename=%q`, filepath.Base(jar)))
	head.Set("Content-Type", "application/x-java-archive")
	part, err := w.CreatePart(head)
	if err != nil {
		return "", err
	}
	if _, err := part.Write(text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	var answer struct {
		Filename string `json:"filename"`
	}
	err = r.post(ctx, "/jars/upload", w.FormDataContentType(), form.Bytes(), &answer)
	return filepath.Base(answer.Filename), err
}

// submission is the body of POST /jars/:id/run. Up to 1.19 the claim mode was called restore mode.
type submission struct {
	EntryClass    string   `json:"entryClass,omitempty"`
	Args          []string `json:"programArgsList,omitempty"`
	Parallelism   int      `json:"parallelism"`
	JobID         string   `json:"jobId,omitempty"`
	SavepointPath string   `json:"savepointPath,omitempty"`
	ClaimMode     string   `json:"claimMode,omitempty"`
	RestoreMode   string   `json:"restoreMode,omitempty"`
}

func (r *rest) run(ctx context.Context, jarID string, s submission) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return r.post(ctx, "/jars/"+jarID+"/run", "application/json", body, nil)
}

// registered is the number of TaskManagers the JobManager knows.
func (r *rest) registered(ctx context.Context) (int, error) {
	var answer struct {
		TaskManagers int `json:"taskmanagers"`
	}
	err := r.get(ctx, "/overview", &answer)
	return answer.TaskManagers, err
}

// running tells whether every subtask of the job runs; reason says what is not so yet.
func (r *rest) running(ctx context.Context, job string) (ok bool, reason string, err error) {
	var answer struct {
		State    string `json:"state"`
		Vertices []struct {
			Name        string         `json:"name"`
			Parallelism int            `json:"parallelism"`
			Tasks       map[string]int `json:"tasks"`
		} `json:"vertices"`
	}
	if err := r.get(ctx, "/jobs/"+job, &answer); err != nil {
		return false, "", err
	}
	if answer.State != "RUNNING" {
		return false, "job " + answer.State, nil
	}
	for _, v := range answer.Vertices {
		if n := v.Tasks["RUNNING"]; n < v.Parallelism {
			return false, fmt.Sprintf("%s: %d of %d subtasks run", strings.TrimSpace(v.Name), n, v.Parallelism), nil
		}
	}
	return len(answer.Vertices) > 0, "no vertices yet", nil
}
