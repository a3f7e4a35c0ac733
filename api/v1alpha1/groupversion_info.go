// Package v1alpha1 holds the API of the checkpoint-health operator: CheckpointHealth, the chart of one Flink workload, and
// RemediationPolicy, what may be done about it.
//
// +kubebuilder:object:generate=true
// +groupName=flink.checkpointhealth.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "flink.checkpointhealth.dev", Version: "v1alpha1"}

// AddToScheme adds the kinds of this package to a scheme.
var AddToScheme = schemeBuilder.AddToScheme

var schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&CheckpointHealth{}, &CheckpointHealthList{},
		&RemediationPolicy{}, &RemediationPolicyList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
