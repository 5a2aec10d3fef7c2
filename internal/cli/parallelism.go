package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"

	"fleet/apply"
)

// A parallelism is how many operations send requests at once; 0 is auto.
type parallelism int

var _ pflag.Value = (*parallelism)(nil)

const maxParallelism = 1000

func (p *parallelism) String() string {
	if *p == 0 {
		return "auto"
	}
	return strconv.Itoa(int(*p))
}

func (p *parallelism) Set(s string) error {
	n, err := strconv.Atoi(s)
	switch {
	case s == "auto":
		n = 0
	case err != nil || n < 1 || n > maxParallelism:
		return fmt.Errorf("it is auto, or a number from 1 to %d", maxParallelism)
	}
	*p = parallelism(n)
	return nil
}

func (*parallelism) Type() string { return "N" }

// parallelismFlag declares --parallelism.
func parallelismFlag(f *pflag.FlagSet, into *parallelism) {
	f.Var(into, "parallelism", fmt.Sprintf("operations that send requests at once; auto finds out what the server bears, up to %d", apply.MaxParallelism))
}
