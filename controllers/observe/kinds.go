package observe

// The kinds of targets that can be diagnosed.
const (
	kindFlinkDeployment = "FlinkDeployment"
	kindFlinkSessionJob = "FlinkSessionJob"
	kindDeployment      = "Deployment"
	kindStatefulSet     = "StatefulSet"
)
