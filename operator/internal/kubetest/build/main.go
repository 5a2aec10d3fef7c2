// Command build builds the programs of Kubernetes with which the operator is tested, unless
// they are in the cache directory already.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"fleet/operator/internal/kubetest/binaries"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "make kube:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root, err := binaries.Root()
	if err != nil {
		return err
	}
	dir, err := binaries.Dir(root)
	if err != nil {
		return err
	}
	return binaries.Build(ctx, root, dir, os.Stdout)
}
