package controllers

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/diagnose"
)

// readAdvisories reads the files of --advisories. A directory stands for the YAML files in it, as a mounted ConfigMap is one.
func readAdvisories(paths []string) ([]diagnose.AdvisoryFile, error) {
	var files []diagnose.AdvisoryFile
	for _, path := range paths {
		names, err := advisoryPaths(path)
		if err != nil {
			return nil, fmt.Errorf("--advisories: %w", err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("--advisories: %w", err)
			}
			files = append(files, diagnose.AdvisoryFiles(name, data)...)
		}
	}
	return files, nil
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
