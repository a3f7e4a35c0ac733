package controllers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"checkpointhealth.dev/operator/controllers/diagnose"
	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/report"
)

// advisoriesEvery is how often the users' known issues are looked at for a change: one GET of one ConfigMap, and the files.
const advisoriesEvery = time.Minute

// knowledge is the doctor with the known issues of the users, which may change while the manager runs. Every replica keeps its own.
type knowledge struct {
	// live reads the ConfigMap past any cache, so that get on it is all the right it takes.
	live      client.Reader
	paths     []string
	configMap types.NamespacedName
	events    *report.Emitter
	metrics   *report.Metrics
	log       logr.Logger

	doctor atomic.Pointer[diagnose.Doctor]
	// seen is a hash of what was read last, so that notes are said once; trouble is what could not be read last.
	seen, trouble string
}

// newKnowledge reads the files, of which one that is not there is an error at the start. The ConfigMap is read by refresh.
func newKnowledge(k *knowledge) (*knowledge, error) {
	files, err := readAdvisories(k.paths)
	if err != nil {
		return nil, err
	}
	err = k.use(files, nil)
	return k, err
}

// Diagnose says what a snapshot means, with the known issues of now.
func (k *knowledge) Diagnose(s *model.Snapshot, p *model.Policy, now time.Time) model.Diagnosis {
	return k.doctor.Load().Diagnose(s, p, now)
}

// NeedLeaderElection is false: who becomes the leader knows already.
func (k *knowledge) NeedLeaderElection() bool { return false }

// Start looks for changes until the context ends.
func (k *knowledge) Start(ctx context.Context) error {
	if len(k.paths) == 0 && k.configMap.Name == "" {
		return nil
	}
	ticker := time.NewTicker(advisoriesEvery)
	defer ticker.Stop()
	for {
		k.refresh(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// refresh reads files and ConfigMap, and takes what changed. Where one cannot be read, what was known stays; a ConfigMap that is not there has
// no issues in it.
func (k *knowledge) refresh(ctx context.Context) {
	files, err := readAdvisories(k.paths)
	if err != nil {
		k.cannot(err)
		return
	}
	var config *corev1.ConfigMap
	if k.configMap.Name != "" {
		config = &corev1.ConfigMap{}
		switch err := k.live.Get(ctx, k.configMap, config); {
		case apierrors.IsNotFound(err):
			config = nil
		case err != nil:
			k.cannot(fmt.Errorf("--advisories-configmap: %w", err))
			return
		default:
			files = append(files, diagnose.AdvisoryKeys("ConfigMap "+k.configMap.String(), config.Data)...)
		}
	}
	k.trouble = ""
	if err := k.use(files, config); err != nil {
		k.cannot(err)
	}
}

// cannot says what could not be read, once.
func (k *knowledge) cannot(err error) {
	if text := err.Error(); text != k.trouble {
		k.trouble = text
		k.log.Error(err, "the users' known issues cannot be read; those known before stay in use")
	}
}

// use makes a doctor of the files where they changed, and says what is wrong with them: in the log, as an event of the ConfigMap, as a metric.
func (k *knowledge) use(files []diagnose.AdvisoryFile, config *corev1.ConfigMap) error {
	hash := hashOf(files)
	if hash == k.seen {
		return nil
	}
	doctor, notes, err := diagnose.NewDoctorWith(files...)
	if err != nil {
		return fmt.Errorf("advisories: %w", err)
	}
	k.seen = hash
	k.doctor.Store(doctor)
	said := make([]string, 0, len(notes))
	skipped := 0
	for i := range notes {
		said = append(said, notes[i].String())
		if notes[i].Skipped {
			skipped++
		}
		k.log.Info(notes[i].String(), "skipped", notes[i].Skipped)
	}
	all, builtIn := doctor.Advisories()
	k.metrics.Advisories(builtIn, all-builtIn, skipped)
	if config != nil {
		k.events.Emit(config, report.AdvisoryEvents(all-builtIn, skipped, said))
	}
	k.log.Info("known issues are in use", "builtIn", builtIn, "own", all-builtIn, "skipped", skipped)
	return nil
}

func hashOf(files []diagnose.AdvisoryFile) string {
	sum := sha256.New()
	for i := range files {
		sum.Write(fmt.Appendf(nil, "%d %s\n%d\n", len(files[i].Name), files[i].Name, len(files[i].Data)))
		sum.Write(files[i].Data)
	}
	return string(sum.Sum(nil))
}

// maxAdvisoryFiles bounds the files that are read at a time.
const maxAdvisoryFiles = 100

// readAdvisories reads the files of --advisories. A directory stands for the YAML files in it, as a mounted ConfigMap is one.
func readAdvisories(paths []string) ([]diagnose.AdvisoryFile, error) {
	var files []diagnose.AdvisoryFile
	for _, path := range paths {
		names, err := advisoryPaths(path)
		if err != nil {
			return nil, fmt.Errorf("--advisories: %w", err)
		}
		for _, name := range names {
			if len(files) >= maxAdvisoryFiles {
				return nil, fmt.Errorf("--advisories: more than %d files", maxAdvisoryFiles)
			}
			data, err := readBounded(name)
			if err != nil {
				return nil, fmt.Errorf("--advisories: %w", err)
			}
			files = append(files, diagnose.AdvisoryFiles(name, data)...)
		}
	}
	return files, nil
}

// readBounded reads a file that is not larger than a few ConfigMaps.
func readBounded(name string) ([]byte, error) {
	const most = 4 << 20
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s has %d bytes, at most %d", name, info.Size(), most)
	}
	return os.ReadFile(name)
}

// advisoryPaths are a file, or the files in a directory in the order of their names. Kubernetes keeps its own links there, which begin with dots.
func advisoryPaths(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		extension := filepath.Ext(entry.Name())
		if !strings.HasPrefix(entry.Name(), ".") && slices.Contains([]string{".yaml", ".yml", ".json"}, extension) {
			names = append(names, filepath.Join(path, entry.Name()))
		}
	}
	return names, nil
}
