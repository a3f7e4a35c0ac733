package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
	"checkpointhealth.dev/operator/controllers/observe"
)

// fromLogs makes a snapshot of log files and, where there is one, the Flink configuration. A log that holds no line of Flink's is named.
func fromLogs(paths []string, config string, now time.Time, job string) (model.Snapshot, error) {
	var reports []*observe.LogReport
	records := 0
	for _, path := range paths {
		report, err := scanFile(path)
		if err != nil {
			return model.Snapshot{}, err
		}
		reports, records = append(reports, report), records+report.Records
	}
	if records == 0 {
		return model.Snapshot{}, fmt.Errorf("no line of %d log files begins with a time as Flink's logs do: give the logs of the JobManager and, if you have them, of the TaskManagers", len(paths))
	}
	var settings map[string]string
	if config != "" {
		raw, err := os.ReadFile(config)
		if err != nil {
			return model.Snapshot{}, fmt.Errorf("--config: %w", err)
		}
		if settings, err = observe.ParseConfig(raw); err != nil {
			return model.Snapshot{}, fmt.Errorf("--config %s: %w", config, err)
		}
	}
	return observe.FromLogs(reports, settings, now, selector(job)), nil
}

func scanFile(path string) (report *observe.LogReport, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--log: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return observe.ScanLog(f, filepath.Base(path))
}
