// Package prometheus asks a Prometheus two questions about pods: for which share of the kernel's periods they were throttled, and how much memory
// they work with. It knows nothing of Flink, of Kubernetes or of us. What it is answered is another's word: every answer is bounded in time,
// bytes and series, and no error quotes a body, a credential or a URL.
package prometheus
