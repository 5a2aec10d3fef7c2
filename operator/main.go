// Command operator reconciles the Fleet objects of a Kubernetes cluster with Daytona.
package main

import (
	"fmt"
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/operator/internal/operator"
)

func main() {
	o, err := operator.ParseFlags(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(operator.ExitCode(err))
	}
	if err := operator.Run(ctrl.SetupSignalHandler(), o); err != nil {
		fmt.Fprintln(os.Stderr, "operator:", err)
		os.Exit(1)
	}
}
