// Package standin stands in for the Flink Kubernetes operator where there is none: in tests, the demo and the bench.
//
// It watches FlinkDeployments and takes them through the states that the Flink operator shows (measured on 1.7.0 and
// 1.15.0): a first deployment, an upgrade by last-state, stateless or savepoint, with the JobManager's Service and the pods
// of JobManager and TaskManagers as native Kubernetes clusters have them. What runs behind the Service is a Cluster:
// a simulated job, or processes of a real Flink.
//
// The folder crd holds the least of the Flink operator's CRDs that all this needs.
package standin
