package v1alpha1

// PrometheusSpec tells where a Prometheus is that has the kubelets' container metrics.
type PrometheusSpec struct {
	// url is its address, such as http://prometheus.monitoring.svc:9090. The host is a Service of the cluster (NAME.NAMESPACE.svc or
	// NAME.NAMESPACE.svc.cluster.local), or one that the operator allows by --allow-prometheus-host.
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^https?://[^/?#@\\\\s]+(/[^?#@\\\\s]*)?$')",message="url is an address without user, query and fragment, such as http://prometheus.monitoring.svc:9090"
	// +required
	URL string `json:"url,omitempty"`

	// authSecretRef names a Secret of the same namespace with key token, or with keys username and password. Its key ca.crt, with or without those,
	// holds the authorities to trust in place of the system's.
	// +optional
	AuthSecretRef SecretReference `json:"authSecretRef,omitzero"`
}
