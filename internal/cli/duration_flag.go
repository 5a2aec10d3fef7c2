package cli

import (
	"time"

	"github.com/spf13/pflag"

	"fleet/spec"
)

// A span is a flag that is a duration, in the form that specs have.
type durationFlag time.Duration

// durationVar declares a flag that is a duration.
func durationVar(f *pflag.FlagSet, into *time.Duration, name string, standard time.Duration, usage string) {
	*into = standard
	f.Var((*durationFlag)(into), name, usage)
}

func (s *durationFlag) Set(text string) error {
	d, err := spec.ParseDuration(text)
	if err == nil {
		*s = durationFlag(d)
	}
	return err
}

func (s *durationFlag) String() string { return time.Duration(*s).String() }

// Type is what help calls the value.
func (s *durationFlag) Type() string { return "duration" }
