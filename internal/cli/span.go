package cli

import (
	"time"

	"github.com/spf13/pflag"

	"fleet/spec"
)

// A span is a flag that is a duration, in the form that specs have.
type span time.Duration

// spanVar declares a flag that is a duration.
func spanVar(f *pflag.FlagSet, into *time.Duration, name string, standard time.Duration, usage string) {
	*into = standard
	f.Var((*span)(into), name, usage)
}

func (s *span) Set(text string) error {
	d, err := spec.ParseDuration(text)
	if err == nil {
		*s = span(d)
	}
	return err
}

func (s *span) String() string { return time.Duration(*s).String() }

// Type is what help calls the value.
func (s *span) Type() string { return "duration" }
