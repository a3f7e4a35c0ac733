package play

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// built renders a kustomization of the repository and leaves out what needs nodes or kinds this control plane has not. It returns the file.
func (s *Stage) built(_ context.Context, kustomization string) (string, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(s.Root, kustomization))
	if err != nil {
		return "", fmt.Errorf("kustomize %s: %w", kustomization, err)
	}
	var kept bytes.Buffer
	for _, resource := range resources.Resources() {
		switch resource.GetKind() {
		case "Deployment", "CustomResourceDefinition", "ServiceMonitor", "NetworkPolicy", "PodDisruptionBudget":
			continue
		}
		text, err := resource.AsYAML()
		if err != nil {
			return "", fmt.Errorf("kustomize %s: %w", kustomization, err)
		}
		kept.WriteString("---\n")
		kept.Write(text)
	}
	file := filepath.Join(s.Work, "installed.yaml")
	if err := os.WriteFile(file, kept.Bytes(), 0o600); err != nil {
		return "", fmt.Errorf("rendered manifests: %w", err)
	}
	return file, nil
}

// Manager is the operator's own process.
type Manager struct {
	command *exec.Cmd
	ended   chan error
	// gone is closed once the process is gone.
	gone chan struct{}
	// Log is the file with its log.
	Log string
}

// StartManager builds the operator and runs it under its own identity.
func (s *Stage) StartManager(ctx context.Context, arguments ...string) (*Manager, error) {
	s.Say("building the manager (the first time this takes a few minutes)")
	binary := filepath.Join(s.Work, "checkpoint-health")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Dir, build.Stdout, build.Stderr = s.Root, s.out, s.out
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w", err)
	}
	_, kubeconfig, err := s.Identity(ctx)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.Work, "kubeconfig")
	if err := os.WriteFile(file, kubeconfig, 0o600); err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	manager := &Manager{ended: make(chan error, 1), gone: make(chan struct{}), Log: filepath.Join(s.Work, "manager.log")}
	log, err := os.Create(manager.Log)
	if err != nil {
		return nil, fmt.Errorf("manager's log: %w", err)
	}
	manager.command = exec.CommandContext(ctx, binary, append([]string{"manager"}, arguments...)...)
	manager.command.Env = append(os.Environ(), "KUBECONFIG="+file)
	manager.command.Stdout, manager.command.Stderr = log, log
	manager.command.Cancel = func() error { return manager.command.Process.Signal(syscall.SIGTERM) }
	manager.command.WaitDelay = 10 * time.Second
	if err := manager.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("manager: %w", err), log.Close())
	}
	go func() {
		manager.ended <- errors.Join(manager.command.Wait(), log.Close())
		close(manager.gone)
	}()
	s.Say("manager runs as %s/%s, pid %d", systemNamespace, serviceAccount, manager.command.Process.Pid)
	return manager, nil
}

// Ended yields once if the manager ends by itself, which it should not.
func (m *Manager) Ended() <-chan error { return m.ended }

// binary is the operator that was built, which is the command line as well.
func (m *Manager) binary() string { return m.command.Path }

// Pid is the manager's process id.
func (m *Manager) Pid() int { return m.command.Process.Pid }

// Stop ends the manager and waits for it.
func (m *Manager) Stop() {
	_ = m.command.Process.Signal(syscall.SIGTERM) // an ended process takes no signal, and that is what is wanted
	select {
	case <-m.gone:
	case <-time.After(15 * time.Second):
		_ = m.command.Process.Kill() // the same
	}
}

// Tail is the end of the manager's log, for when something went wrong.
func (m *Manager) Tail() string {
	text, err := os.ReadFile(m.Log)
	if err != nil {
		return err.Error()
	}
	const most = 4000
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return string(text)
}
