package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Where config/default installs the operator, and the role it writes its status by.
const (
	systemNamespace = "checkpoint-health-system"
	managerRole     = "checkpoint-health-manager"
	statusOfHealth  = "checkpointhealths/status"
)

// owner is the manager of fields that a story changes on what `make deploy` applied.
const owner = client.FieldOwner("lab-stories")

// restored is how long what a story took away may take to be given back when the run was broken off.
const restored = 30 * time.Second

// kill ends every pod of the operator with no time to finish what it does, and waits until another process leads. What the old ones remembered is
// gone, and so is every connection that they held.
func (s *scene) kill(ctx context.Context) error {
	before, err := s.leader(ctx)
	if err != nil {
		return err
	}
	err = s.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(systemNamespace), client.MatchingLabels{"app.kubernetes.io/name": "checkpoint-health"},
		&client.DeleteAllOfOptions{DeleteOptions: client.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)}})
	if err != nil {
		return fmt.Errorf("killing the operator: %w", err)
	}
	s.say("killed the operator")
	return s.until(ctx, "another process leads than "+before, startWithin, func(*view) bool {
		now, err := s.leader(ctx)
		return err == nil && now != "" && now != before
	})
}

// leader is the process of the operator that holds the lease; "" where none does.
func (s *scene) leader(ctx context.Context) (string, error) {
	var leases coordinationv1.LeaseList
	if err := s.List(ctx, &leases, client.InNamespace(systemNamespace)); err != nil {
		return "", err
	}
	if len(leases.Items) != 1 {
		return "", fmt.Errorf("%d leases in namespace %s, expected the operator's alone", len(leases.Items), systemNamespace)
	}
	return ptr.Deref(leases.Items[0].Spec.HolderIdentity, ""), nil
}

// withoutStatusRight does something while the operator may not write any CheckpointHealth's status.
func (s *scene) withoutStatusRight(ctx context.Context, do func() error) (err error) {
	role := &rbacv1.ClusterRole{}
	role.Name = managerRole
	if err := s.Get(ctx, client.ObjectKeyFromObject(role), role); err != nil {
		return err
	}
	before := role.DeepCopy().Rules
	for i := range role.Rules {
		role.Rules[i].Resources = slices.DeleteFunc(role.Rules[i].Resources, func(r string) bool { return r == statusOfHealth })
	}
	if err := s.Update(ctx, role, owner); err != nil {
		return fmt.Errorf("taking the right to write %s: %w", statusOfHealth, err)
	}
	s.say("took the right to write %s", statusOfHealth)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restored)
		defer cancel()
		role.Rules = before
		err = errors.Join(err, s.Update(ctx, role, owner), s.disown(ctx, role))
		s.say("gave the right to write %s back", statusOfHealth)
	}()
	return do()
}

// disown gives the fields of an object up that a story has written: else the next `make deploy` finds them owned by another manager.
func (s *scene) disown(ctx context.Context, object client.Object) error {
	object.SetManagedFields(slices.DeleteFunc(object.GetManagedFields(), func(m metav1.ManagedFieldsEntry) bool { return m.Manager == string(owner) }))
	return s.Update(ctx, object, owner)
}
