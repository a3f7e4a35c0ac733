package diagnose

import (
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// comparedPods are the pods whose images can be held against one another: those of Flink that run and are not on their way out. While a workload
// is being replaced old and new ones differ, which is no mismatch.
func comparedPods(f *features) []*model.Pod {
	var pods []*model.Pod
	for i := range f.s.Pods {
		p := &f.s.Pods[i]
		if p.Component != "" && p.Image != "" && p.Phase == "Running" && !p.Ending {
			pods = append(pods, p)
		}
	}
	return pods
}

// podsOr says that pods were not read where they would have to tell.
func podsOr(f *features, found sign) sign {
	if found.state == absent && f.s.Missing(model.GapPods) {
		return missing(model.GapPods)
	}
	return found
}

// differentImages: pods of one workload run different images. The digest behind a tag does not count here: pinned or not, the tag is the same.
func differentImages(f *features) sign {
	pods := comparedPods(f)
	for _, p := range pods {
		if first := pods[0]; withoutDigest(p.Image) != withoutDigest(first.Image) {
			text := componentName(first) + " " + bounded(first.Image, 100) + ", " + componentName(p) + " " + bounded(p.Image, 100)
			if sameMinor(first.FlinkVersion, p.FlinkVersion) {
				return weighing(15, text, "one image")
			}
			return yes(text, "one image")
		}
	}
	return podsOr(f, no)
}

// differentDigests: the same tag, and yet not the same image: a tag that was moved between two pulls. What differs is not known, so that it is
// weak.
func differentDigests(f *features) sign {
	var first *model.Pod
	for _, p := range comparedPods(f) {
		switch {
		case p.Digest == "":
		case first == nil:
			first = p
		case p.Digest != first.Digest && withoutDigest(p.Image) == withoutDigest(first.Image):
			return yes(bounded(p.Image, 100)+" is "+shortDigest(first)+" on "+named(first.Name)+" and "+shortDigest(p)+" on "+named(p.Name), "one digest")
		}
	}
	if first == nil && len(f.s.Pods) > 0 {
		return sign{state: unknownSign, missing: "image digests"}
	}
	return podsOr(f, no)
}

// tagAgainstREST: an image of Flink's own whose tag is another version than the one the JobManager answers with: a tag that lies, or an answer of
// another JobManager.
func tagAgainstREST(f *features) sign {
	own := flinkVersion(f.s.Job.FlinkVersion)
	if own == nil {
		return sign{state: unknownSign, missing: "Flink version"}
	}
	for _, p := range comparedPods(f) {
		if p.Component != model.ComponentJobManager {
			continue
		}
		if tag := flinkVersion(p.FlinkVersion); tag != nil && !tag.Equal(own) {
			return yes(named(p.Name)+" runs "+bounded(p.Image, 100)+", its REST API says "+named(f.s.Job.FlinkVersion), "the same")
		}
	}
	return podsOr(f, no)
}

// flinkJars are the beginnings of the jars that Flink itself consists of; all of them have its version. Connectors and file systems have others.
var flinkJars = []string{"flink-dist", "flink-runtime", "flink-core", "flink-streaming-java", "flink-clients", "flink-rpc-", "flink-table-runtime",
	"flink-table-planner", "flink-table-api-java", "flink-table-common", "flink-cep", "flink-statebackend-"}

// mixedClassPath: jars of Flink itself in another version than the one that runs.
func mixedClassPath(f *features) sign {
	if len(f.s.Libraries) == 0 {
		return missing(model.GapClassPath)
	}
	own := flinkVersion(f.s.Job.FlinkVersion)
	if own == nil {
		return sign{state: unknownSign, missing: "Flink version"}
	}
	for i := range f.s.Libraries {
		l := &f.s.Libraries[i]
		if v := flinkVersion(l.Version); ofFlinkItself(l.Name) && v != nil && !v.Equal(own) {
			return yes(bounded(l.Name+"-"+l.Version, 100)+".jar beside Flink "+named(f.s.Job.FlinkVersion), "the same")
		}
	}
	return no
}

func ofFlinkItself(jar string) bool {
	for _, prefix := range flinkJars {
		if strings.HasPrefix(jar, prefix) {
			return true
		}
	}
	return false
}

func withoutDigest(image string) string {
	image, _, _ = strings.Cut(image, "@")
	return image
}

// shortDigest is the beginning of a digest, as other tools show it.
func shortDigest(p *model.Pod) string {
	_, hex, _ := strings.Cut(p.Digest, ":")
	return bounded(hex[:min(len(hex), 12)], 12)
}

func componentName(p *model.Pod) string {
	if p.Component == model.ComponentJobManager {
		return "JobManager"
	}
	return "TaskManager"
}
