package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CheckpointHealth names a Flink workload whose checkpoints are watched, diagnosed and, under a policy, cured.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=cph,categories=flink
// +kubebuilder:printcolumn:name="Target",type=string,JSONPath=`.status.target`,priority=1
// +kubebuilder:printcolumn:name="Job",type=string,JSONPath=`.status.job.state`,priority=1
// +kubebuilder:printcolumn:name="Health",type=string,JSONPath=`.status.health`
// +kubebuilder:printcolumn:name="Cause",type=string,JSONPath=`.status.cause`
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.status.mode`,priority=1
// +kubebuilder:printcolumn:name="Last Remedy",type=string,JSONPath=`.status.lastRemedy`,priority=1
// +kubebuilder:printcolumn:name="Outcome",type=string,JSONPath=`.status.lastOutcome`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Expired",type=integer,JSONPath=`.status.checkpoints.expired`,priority=1
// +kubebuilder:printcolumn:name="Timeout",type=string,JSONPath=`.status.settings.timeout.value`,priority=1
// +kubebuilder:printcolumn:name="Interval",type=string,JSONPath=`.status.settings.interval.value`,priority=1
type CheckpointHealth struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec names the workload and the policy.
	// +required
	Spec CheckpointHealthSpec `json:"spec,omitzero"`

	// status is the diagnosis: what was seen, what it means, what was and will be done.
	// +optional
	Status CheckpointHealthStatus `json:"status,omitzero"`
}

// CheckpointHealthSpec names the workload and the policy.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.policyRef) && has(self.policy))",message="policyRef and policy exclude each other: name a RemediationPolicy or write one inline"
type CheckpointHealthSpec struct {
	// targetRef names the Flink workload, in the namespace of this object.
	// +required
	TargetRef TargetReference `json:"targetRef,omitzero"`

	// jobSelector picks the job where the cluster runs more than one.
	// +optional
	JobSelector JobSelector `json:"jobSelector,omitzero"`

	// endpoint tells where the JobManager's REST API is. By default it is derived from the target: Service NAME-rest, port 8081.
	// +optional
	Endpoint Endpoint `json:"endpoint,omitzero"`

	// policyRef names a RemediationPolicy of the same namespace. Without policyRef and policy the built-in defaults hold, in mode Recommend.
	// +optional
	PolicyRef PolicyReference `json:"policyRef,omitzero"`

	// policy is a policy written here instead of shared.
	// +optional
	Policy RemediationPolicySpec `json:"policy,omitzero"`

	// suspend stops every look and every write, as in CronJob. What was seen so far stays in status.
	// +kubebuilder:default=false
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// TargetReference names a Flink workload in the same namespace.
//
// +kubebuilder:validation:XValidation:rule="self.kind in ['FlinkDeployment','FlinkSessionJob','FlinkBlueGreenDeployment'] ? self.apiVersion.startsWith('flink.apache.org/') : true",message="apiVersion of a FlinkDeployment, FlinkSessionJob or FlinkBlueGreenDeployment is flink.apache.org/v1beta1"
// +kubebuilder:validation:XValidation:rule="self.kind == 'FlinkCluster' ? self.apiVersion.startsWith('flinkoperator.k8s.io/') : true",message="apiVersion of a FlinkCluster is flinkoperator.k8s.io/v1beta1"
// +kubebuilder:validation:XValidation:rule="self.kind == 'FlinkApplication' ? self.apiVersion.startsWith('flink.k8s.io/') : true",message="apiVersion of a FlinkApplication is flink.k8s.io/v1beta1"
// +kubebuilder:validation:XValidation:rule="self.kind in ['Deployment','StatefulSet'] ? self.apiVersion == 'apps/v1' : true",message="apiVersion of a Deployment or StatefulSet is apps/v1"
type TargetReference struct {
	// apiVersion is the target's group and version, such as flink.apache.org/v1beta1.
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?$')",message="apiVersion is GROUP/VERSION, such as flink.apache.org/v1beta1 or apps/v1"
	// +required
	APIVersion string `json:"apiVersion,omitempty"`

	// kind is the target's kind: FlinkDeployment, FlinkSessionJob, FlinkBlueGreenDeployment, Deployment, StatefulSet, FlinkCluster or FlinkApplication.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="kind is written in CamelCase, such as FlinkDeployment"
	// +required
	Kind string `json:"kind,omitempty"`

	// name is the target's name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="name is a DNS-1123 name: lower case letters, digits, '-' and '.', such as payments"
	// +required
	Name string `json:"name,omitempty"`
}

// JobSelector picks one job of a session cluster, by name or by id.
//
// +kubebuilder:validation:XValidation:rule="has(self.name) != has(self.id)",message="jobSelector takes exactly one of name and id"
// +kubebuilder:validation:MinProperties=1
type JobSelector struct {
	// name is the job's name as Flink shows it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Name string `json:"name,omitempty"`

	// id is the job's id: 32 hexadecimal digits.
	// +kubebuilder:validation:MinLength=32
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{32}$')",message="id is a Flink job id: 32 lower case hexadecimal digits"
	// +optional
	ID string `json:"id,omitempty"`
}

// Endpoint tells where the JobManager's REST API is. Only Services of the same namespace are reached.
//
// +kubebuilder:validation:MinProperties=1
type Endpoint struct {
	// serviceName is the Service in front of the JobManager. Default: NAME-rest.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="serviceName is the name of a Service of this namespace, such as payments-rest; not a host name or a URL"
	// +optional
	ServiceName string `json:"serviceName,omitempty"`

	// port is the Service's port of Flink's REST API.
	// +kubebuilder:default=8081
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	// +optional
	Port int32 `json:"port,omitempty"`

	// tls makes the operator speak HTTPS.
	// +optional
	TLS *EndpointTLS `json:"tls,omitempty"`

	// authSecretRef names a Secret of the same namespace with key token, or with keys username and password.
	// +optional
	AuthSecretRef SecretReference `json:"authSecretRef,omitzero"`
}

// EndpointTLS says how the REST API's certificate is checked.
//
// +kubebuilder:validation:MinProperties=0
type EndpointTLS struct {
	// caSecretRef names a Secret of the same namespace whose key ca.crt holds the authorities to trust. Default: the system's.
	// +optional
	CASecretRef SecretReference `json:"caSecretRef,omitzero"`

	// clientSecretRef names a Secret of the same namespace with tls.crt and tls.key for mutual TLS.
	// +optional
	ClientSecretRef SecretReference `json:"clientSecretRef,omitzero"`

	// serverName is the name to expect in the certificate. Default: the Service's name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	ServerName string `json:"serverName,omitempty"`
}

// SecretReference names a Secret of the same namespace.
type SecretReference struct {
	// name is the Secret's name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="name is the DNS-1123 name of a Secret of this namespace"
	// +required
	Name string `json:"name,omitempty"`
}

// PolicyReference names a RemediationPolicy of the same namespace.
type PolicyReference struct {
	// name is the RemediationPolicy's name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="name is the DNS-1123 name of a RemediationPolicy of this namespace"
	// +required
	Name string `json:"name,omitempty"`
}

// CheckpointHealthList is a list of CheckpointHealth.
//
// +kubebuilder:object:root=true
type CheckpointHealthList struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []CheckpointHealth `json:"items"`
}
