package cli

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"fleet/client"
	"fleet/internal/interrupt"
	"fleet/internal/outfile"
	"fleet/internal/render"
	"fleet/internal/statedir"
)

// An app is the state that all commands share: the streams of the process and
// the global flags.
type app struct {
	in       io.Reader
	out, err io.Writer // escape foreign text and redact secrets

	credentials []string // of the connection, which hooks and commands of the spec may print

	dir     string
	command string // such as "fleet plan"; empty before it runs
	lookup  func(name string) (value string, set bool)

	flags      globalFlags
	specs      specReader
	written    []pathFlag // files that the command writes
	interrupt  *interrupt.Interrupt
	rateLimits *rateLimitNotifier
}

// globalFlags are the flags of all commands.
type globalFlags struct {
	files []string // --file
	spec  specFlags

	local        bool
	url          string // --api-url
	region       string
	organization string
	caFile       string
	envFiles     []string
	insecureHTTP bool
	rateShare    int // percent

	noColor bool
	verbose bool
}

func (g *globalFlags) declare(f *pflag.FlagSet) {
	f.StringArrayVarP(&g.files, "file", "f", []string{"fleet.yaml"}, "spec file, directory of spec files, or - for standard input; repeatable")
	g.spec.declare(f)
	f.BoolVar(&g.local, "local", false, "use the embedded Daytona, a simulation on this machine")
	f.StringVar(&g.url, "api-url", "", "URL of the Daytona API, or local (default $DAYTONA_API_URL, else "+client.DefaultURL+")")
	f.StringVar(&g.region, "region", "", "region of resources without target (default $DAYTONA_TARGET)")
	f.StringVar(&g.organization, "organization", "", "organisation id, for a JWT (default $DAYTONA_ORGANIZATION_ID)")
	f.StringArrayVar(&g.envFiles, "env-file", nil, "dotenv `FILE` to read variables from, instead of .env.local and .env; repeatable, the last takes precedence")
	f.BoolVar(&g.insecureHTTP, "insecure-http", false, "allow plain http to other machines, which exposes the credentials (default $FLEET_INSECURE_HTTP)")
	f.StringVar(&g.caFile, "ca-file", "", "PEM file with additional CA certificates")
	f.IntVar(&g.rateShare, "rate-share", 80, "percentage of the rate limits that fleet may use")
	f.BoolVar(&g.noColor, "no-color", false, "disable colours, like NO_COLOR")
	f.BoolVarP(&g.verbose, "verbose", "v", false, "log each request to standard error")
}

// env returns an environment variable, or "" if it is not set.
func (a *app) env(name string) string {
	v, _ := a.lookup(name)
	return v
}

// state returns the directory for data that is kept between commands.
func (a *app) state() statedir.Dir { return statedir.Find(a.lookup) }

// outFiles writes files of the command. It writes to the streams that are set
// when it is called.
func (a *app) outFiles() outfile.Writer {
	return outfile.Writer{Context: a.interrupt.Context, Stdout: a.out, Stderr: a.err}
}

// style returns how text looks on a stream.
func (a *app) style(w io.Writer) render.Style {
	width, isTerminal := a.terminalWidth(w)
	wanted := isTerminal && a.env("TERM") != "dumb" || a.env("CLICOLOR_FORCE") != ""
	return render.Style{Color: wanted && !a.flags.noColor && a.env("NO_COLOR") == "", Width: width}
}

// note prints a line on standard error.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }
