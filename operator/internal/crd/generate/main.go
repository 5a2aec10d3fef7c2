// Command generate writes the generated files of package crd. It runs in the directory of
// the operator, and runs controller-gen.
package main

import (
	"context"
	"fmt"
	"os"

	"fleet/operator/internal/crd"
)

func main() {
	files, err := crd.Generate(context.Background(), ".")
	if err == nil {
		err = write(files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generating the definition of fleets:", err)
		os.Exit(1)
	}
}

// write writes files by path.
func write(files map[string][]byte) error {
	for path, text := range files {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
