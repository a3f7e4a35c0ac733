package cli

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

const (
	// systemNamespace is where the manager and its Lease are by default.
	systemNamespace = "checkpoint-health-system"
	// silentAfter is far beyond the 15 s for which a lease is held, and beyond what clocks differ by.
	silentAfter = 2 * time.Minute
)

// silence says that no manager which could look after a namespace has renewed its lease of late, so that what status says is old. It is empty where one
// has, and where no lease is to be seen: that may be for want of rights.
func silence(ctx context.Context, c client.Client, namespace string, now time.Time) string {
	var newest *coordinationv1.Lease
	for _, place := range []string{namespace, systemNamespace} {
		lease := &coordinationv1.Lease{}
		if err := c.Get(ctx, client.ObjectKey{Namespace: place, Name: api.LeaseName}, lease); err != nil || lease.Spec.RenewTime == nil {
			continue
		}
		if newest == nil || newest.Spec.RenewTime.Before(lease.Spec.RenewTime) {
			newest = lease
		}
	}
	if newest == nil || now.Sub(newest.Spec.RenewTime.Time) < silentAfter {
		return ""
	}
	return fmt.Sprintf("The manager has not been heard of since %s, and what follows is no newer: kubectl -n %s get pods",
		newest.Spec.RenewTime.UTC().Format("2 Jan 2006 15:04 UTC"), newest.Namespace)
}
