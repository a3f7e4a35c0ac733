package observe

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/controllers/model"
)

// maxNodes bounds the nodes that one pass reads, one GET each: those of JobManagers come first.
const maxNodes = 8

// reasonEvicted is what the kubelet writes to status.reason of a pod that it evicted.
const reasonEvicted = "Evicted"

// pressures are the conditions of a node whose resources run out.
var pressures = []corev1.NodeConditionType{corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure}

// readNodes fills in under what pressure the nodes of the pods are. It returns why some could not be read; empty where all were.
func readNodes(ctx context.Context, reader client.Reader, pods []model.Pod) string {
	pressure := map[string]string{}
	asked := map[string]bool{}
	why := ""
	for i := range pods {
		name := pods[i].Node
		if name == "" || asked[name] {
			continue
		}
		if len(asked) == maxNodes {
			why = fmt.Sprintf("the pods run on more than the %d nodes that are read", maxNodes)
			break
		}
		asked[name] = true
		var node corev1.Node
		if err := reader.Get(ctx, client.ObjectKey{Name: name}, &node); apierrors.IsForbidden(err) {
			return "reading nodes is forbidden, as it is in a namespaced install"
		} else if err != nil {
			why = err.Error()
			continue
		}
		pressure[name] = nodePressure(&node)
	}
	for i := range pods {
		pods[i].NodePressure = pressure[pods[i].Node]
	}
	return why
}

// nodePressure names the pressures of a node, such as "MemoryPressure, DiskPressure"; empty where there is none.
func nodePressure(node *corev1.Node) string {
	var found []string
	for _, wanted := range pressures {
		for i := range node.Status.Conditions {
			if c := &node.Status.Conditions[i]; c.Type == wanted && c.Status == corev1.ConditionTrue {
				found = append(found, string(wanted))
			}
		}
	}
	return strings.Join(found, ", ")
}
