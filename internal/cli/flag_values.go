package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"fleet/spec"
)

// A parallelism is a number of operations, or 0 for auto.
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
		return fmt.Errorf("must be auto or a number from 1 to %d", maxParallelism)
	}
	*p = parallelism(n)
	return nil
}

// Type returns the name of the value in help.
func (*parallelism) Type() string { return "N" }

// A duration is a duration as specs write it, such as 90s, 10m or 2d.
type duration time.Duration

var _ pflag.Value = (*duration)(nil)

func (d *duration) Set(text string) error {
	parsed, err := spec.ParseDuration(text)
	if err == nil {
		*d = duration(parsed)
	}
	return err
}

func (d *duration) String() string { return time.Duration(*d).String() }

// Type returns the name of the value in help.
func (*duration) Type() string { return "duration" }
