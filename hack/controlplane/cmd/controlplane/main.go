// Command controlplane finds, downloads or builds etcd and kube-apiserver, and
// runs them.
//
//	go run ./hack/controlplane/cmd/controlplane assets   prints the directory of the binaries
//	go run ./hack/controlplane/cmd/controlplane run      serves until interrupted, with the project's CRDs
//
// Progress goes to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"checkpointhealth.dev/operator/hack/controlplane"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("give one argument: assets or run")
	}
	switch args[0] {
	case "assets":
		return printAssets(ctx)
	case "run":
		return serve(ctx)
	default:
		return fmt.Errorf("no command %q: give assets or run", args[0])
	}
}

func printAssets(ctx context.Context) error {
	dir, err := controlplane.Assets(ctx, os.Stderr)
	if err != nil {
		return err
	}
	_, err = fmt.Println(dir)
	return err
}

// serve prints the path of the administrator's kubeconfig and serves until ctx
// ends.
func serve(ctx context.Context) (err error) {
	root, err := controlplane.Root()
	if err != nil {
		return err
	}
	crds := filepath.Join(root, "config", "crd", "bases")
	cp, err := controlplane.Start(ctx, controlplane.Options{Log: os.Stderr, CRDs: []string{crds}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cp.Stop()) }()

	dir, err := os.MkdirTemp("", "controlplane-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, cp.Kubeconfig(), 0o600); err != nil {
		return err
	}
	if _, err := fmt.Printf("export KUBECONFIG=%s\n", kubeconfig); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
