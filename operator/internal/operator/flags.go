package operator

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Options are the settings of the operator.
type Options struct {
	Namespaces   []string // whose objects are reconciled; none means all
	Shards       int      // leases among which the fleets are divided
	Workers      int      // fleets that are reconciled at the same time
	Rules        string   // file of rules; empty for none
	MetricsAddr  string   // "0" for none
	ProbeAddr    string
	LeaseNS      string // namespace of the leases; empty means that of the pod
	LeaseName    string
	Dir          string // for the files of specs
	WatchSecrets bool
	Version      bool
}

// errUsage is the error of wrong flags, which were reported.
var errUsage = errors.New("wrong flags")

// ExitCode returns the exit code for an error of [ParseFlags].
func ExitCode(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	return 2
}

// ParseFlags returns the options for the arguments of the program. It reports errors and
// the help on w.
func ParseFlags(args []string, w io.Writer) (Options, error) {
	var o Options
	f := flag.NewFlagSet("operator", flag.ContinueOnError)
	f.SetOutput(w)
	namespaces := f.String("namespaces", "", "comma-separated namespaces whose Fleet objects are reconciled; empty means all")
	f.IntVar(&o.Shards, "shards", 1, "number of leases among which the fleets are divided; 1 makes one replica reconcile all fleets, and the others wait")
	f.IntVar(&o.Workers, "workers", 50, "number of fleets that are reconciled at the same time")
	f.StringVar(&o.Rules, "rules", "", "file with the rules that state which namespaces may use which Secrets, fleet names and servers; it is read once, at the start")
	f.StringVar(&o.MetricsAddr, "metrics-bind-address", ":8080", "address for metrics; 0 serves none")
	f.StringVar(&o.ProbeAddr, "health-probe-bind-address", ":8081", "address for /healthz and /readyz")
	f.StringVar(&o.LeaseNS, "lease-namespace", "", "namespace of the leases; empty means that of the pod")
	f.StringVar(&o.LeaseName, "lease-name", "fleet-operator", "name of the lease; with several shards, its beginning")
	f.StringVar(&o.Dir, "temp-dir", os.TempDir(), "directory for the files of specs")
	f.BoolVar(&o.WatchSecrets, "watch-secrets", true, "reconcile a fleet when a Secret or ConfigMap that it uses changes; without it, at the next comparison, which may be an hour away. It needs list and watch")
	f.BoolVar(&o.Version, "version", false, "print the version and exit")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for ns := range strings.SplitSeq(*namespaces, ",") {
		if ns = strings.TrimSpace(ns); ns != "" {
			o.Namespaces = append(o.Namespaces, ns)
		}
	}
	wrong := ""
	switch {
	case f.NArg() > 0:
		wrong = fmt.Sprintf("the operator takes no arguments, got %q", f.Arg(0))
	case o.Shards < 1 || o.Shards > 64:
		wrong = "--shards must be a number from 1 to 64"
	case o.Workers < 1 || o.Workers > 1000:
		wrong = "--workers must be a number from 1 to 1000"
	}
	if wrong != "" {
		fmt.Fprintln(w, "operator:", wrong)
		return o, errUsage
	}
	return o, nil
}
