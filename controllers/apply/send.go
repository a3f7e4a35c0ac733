package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// send applies the request, first as a dry run where it changes the spec: admission may refuse it, and a refusal costs nothing then.
// Of several requests all are tried before the first is done, and each is done only after the one before it; sent is how many were done.
func (w *Writer) send(ctx context.Context, requests []*unstructured.Unstructured, conflicts api.ConflictPolicy, dryRun bool) (sent int, refused model.Refusal, err error) {
	options := []client.ApplyOption{client.FieldOwner(api.FieldManager)}
	if conflicts == api.ConflictForce {
		options = append(options, client.ForceOwnership)
	}
	for _, request := range requests {
		if !dryRun {
			break
		}
		rehearsal := append([]client.ApplyOption{client.DryRunAll}, options...)
		if err := w.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(request.DeepCopy()), rehearsal...); err != nil {
			refused, err := refusal(err, true)
			return 0, refused, err
		}
	}
	for i, request := range requests {
		if err := w.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(request), options...); err != nil {
			refused, err := refusal(err, false)
			return i, refused, err
		}
	}
	return len(requests), model.Refusal{}, nil
}

// refusal turns an answer of the API server into a refusal; what is no answer stays an error.
func refusal(err error, rehearsal bool) (model.Refusal, error) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return model.Refusal{}, fmt.Errorf("the patch got no answer: %w", err)
	}
	switch {
	case apierrors.IsConflict(err):
		if owners := contested(status.Status()); owners != "" {
			return model.Refusal{Reason: api.ReasonOwnedByOtherManager, Message: owners}, nil
		}
		return model.Refusal{Reason: api.ReasonTargetChanged, Message: "the target changed while it was patched; it is read again and decided anew"}, nil
	case apierrors.IsForbidden(err) && !strings.Contains(err.Error(), "admission"):
		return model.Refusal{Reason: api.ReasonForbidden, Message: "the API server forbids the patch: " + bounded(err.Error()) + rightsText(err)}, nil
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsForbidden(err), apierrors.IsNotAcceptable(err):
		return refusedBy(err, rehearsal), nil
	case apierrors.IsNotFound(err):
		return model.Refusal{Reason: api.ReasonTargetChanged, Message: "the target was deleted while it was patched"}, nil
	case status.Status().Code >= 400 && status.Status().Code < 500 && !apierrors.IsTooManyRequests(err):
		return refusedBy(err, rehearsal), nil
	}
	return model.Refusal{}, fmt.Errorf("the patch failed: %w", err)
}

// rightsText says which rights are missing where they are none of the default install.
func rightsText(err error) string {
	for _, resource := range []string{"deployments.apps", "statefulsets.apps", "configmaps"} {
		if strings.Contains(err.Error(), resource) {
			return "; config/standalone grants what patching a standalone JobManager takes, config/standalone-namespaced in one namespace"
		}
	}
	return ""
}

func refusedBy(err error, rehearsal bool) model.Refusal {
	if rehearsal {
		return model.Refusal{Reason: api.ReasonDryRunRefused, Message: "the API server refused the patch as a dry run: " + bounded(err.Error())}
	}
	return model.Refusal{Reason: api.ReasonWriteFailed, Message: "the API server refused the patch: " + bounded(err.Error())}
}

// contested names the managers and fields of a field-manager conflict; empty where the 409 is a stale resourceVersion.
func contested(status metav1.Status) string {
	if status.Details == nil {
		return ""
	}
	var parts []string
	for _, cause := range status.Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			parts = append(parts, fmt.Sprintf("%s: %s", cause.Field, cause.Message))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return bounded("another field manager owns what the remedy changes (" + strings.Join(parts, "; ") + ")")
}

// bounded keeps foreign text short; control characters are report's to strip.
func bounded(text string) string {
	const most = 600
	if len(text) <= most {
		return text
	}
	return text[:most] + " …"
}
