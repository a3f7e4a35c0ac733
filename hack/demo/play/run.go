package play

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// Namespace is where the cast lives.
const Namespace = "demo"

const (
	// look is how often the table is renewed.
	look = time.Second
	// hold is for how many looks in a row every part must be where it should be: five passes of the manager, at two seconds each. What is right
	// for a moment only is not right.
	hold = 10
)

// Run watches the cast until every part is where it should be, or the deadline. Healthy and advised parts must still be right at the end.
func (s *Stage) Run(ctx context.Context, manager *Manager, parts []*Part, deadline time.Duration, terminal bool) (map[string]Verdict, error) {
	began := time.Now()
	late := time.NewTimer(deadline)
	defer late.Stop()
	shown := newTable(s.out, terminal, began, parts)
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	verdicts := map[string]Verdict{}
	settledFor := 0
	for {
		rows, settled, err := s.judge(ctx, parts, verdicts)
		if err != nil {
			return verdicts, err
		}
		settledFor++
		if !settled {
			settledFor = 0
		}
		shown.show(rows, awaited(parts, verdicts, hold-settledFor), time.Now())
		if settledFor >= hold {
			return verdicts, nil
		}
		select {
		case <-ctx.Done():
			return verdicts, ctx.Err()
		case <-late.C:
			return verdicts, nil
		case err := <-manager.Ended():
			return verdicts, endedByItself(err, manager.Tail())
		case <-ticker.C:
		}
	}
}

// judge looks at every part once; settled tells that nothing more can change.
func (s *Stage) judge(ctx context.Context, parts []*Part, verdicts map[string]Verdict) ([]row, bool, error) {
	var list api.CheckpointHealthList
	if err := s.Client.List(ctx, &list, client.InNamespace(Namespace)); err != nil {
		return nil, false, fmt.Errorf("list CheckpointHealths: %w", err)
	}
	statuses := map[string]*api.CheckpointHealthStatus{}
	for i := range list.Items {
		statuses[list.Items[i].Name] = &list.Items[i].Status
	}
	rows, settled := make([]row, 0, len(parts)), true
	for _, part := range parts {
		status := statuses[part.Name]
		if status == nil {
			status = &api.CheckpointHealthStatus{}
		}
		generation, err := s.generation(ctx, part)
		if err != nil {
			return nil, false, err
		}
		verdict := part.Next(verdicts[part.Name], status, generation)
		verdicts[part.Name] = verdict
		settled = settled && (verdict.Passed || verdict.Failed)
		rows = append(rows, rowOf(part, status, verdict))
	}
	return rows, settled, nil
}

// awaited says what the run waits for: parts that are not where they should be, three by name, or that all stay so for some more looks.
func awaited(parts []*Part, verdicts map[string]Verdict, looks int) string {
	const named = 3
	var open []string
	for _, part := range parts {
		if v := verdicts[part.Name]; !v.Passed && !v.Failed {
			open = append(open, fmt.Sprintf("%s (%s)", part.Name, v.Why))
		}
	}
	switch {
	case len(open) == 0 && looks <= 0:
		return ""
	case len(open) == 0:
		return fmt.Sprintf("every job is where it stays or failed; watched for %s more, as what is right for a moment only is not right", time.Duration(looks)*look)
	case len(open) > named:
		open = append(open[:named:named], fmt.Sprintf("%d more", len(open)-named))
	}
	return "waiting for " + strings.Join(open, ", ")
}

func (s *Stage) generation(ctx context.Context, part *Part) (int64, error) {
	target := &unstructured.Unstructured{}
	target.SetGroupVersionKind(part.target.GroupVersionKind())
	if err := s.Client.Get(ctx, client.ObjectKeyFromObject(part.target), target); err != nil {
		return 0, fmt.Errorf("%s %s: %w", target.GetKind(), part.Name, err)
	}
	return target.GetGeneration(), nil
}

// Passed counts the parts that are where they should be.
func Passed(parts []*Part, verdicts map[string]Verdict) int {
	passed := 0
	for _, part := range parts {
		if verdicts[part.Name].Passed {
			passed++
		}
	}
	return passed
}

// Count prints the last line and tells whether all went as it should.
func Count(out io.Writer, name string, parts []*Part, verdicts map[string]Verdict) bool {
	passed := Passed(parts, verdicts)
	for _, part := range parts {
		verdict := verdicts[part.Name]
		if verdict.Passed {
			continue
		}
		_, _ = fmt.Fprintf(out, "%s: %s did not go as it should (%s): %s\n", name, part.Name, part.Cause, verdict.Why)
	}
	if load := newestLoad(); passed < len(parts) && load.tooMuch() {
		_, _ = fmt.Fprintf(out, "%s: this machine is busy with other work (%s), of which jobs fall ill and remedies do not help: run it again alone\n", name, load)
	}
	_, _ = fmt.Fprintf(out, "%s: %d passed, %d failed\n", name, passed, len(parts)-passed)
	return passed == len(parts)
}
