package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/pflag"

	"fleet/client"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/internal/telemetry"
)

// An app is one run of the program with its flags.
type app struct {
	Process
	interrupt *interrupt

	files       []string
	specFlags   specFlags
	openedFiles []string          // what the spec was last read from
	listedDirs  []string          // directories whose files it was last read from
	outputPaths []pathFlag        // files that are to be written
	pipes       map[string][]byte // what was read from pipes
	local       bool
	url, target string
	org, caFile string
	envFiles    []string
	variables   *environment // nil until it is read

	insecureHTTP bool
	rateShare    int
	noColor      bool
	verbose      bool

	rateLimits *rateLimitNotifier
}

// flags declares what all commands understand.
func (a *app) flags(f *pflag.FlagSet) {
	f.StringArrayVarP(&a.files, "file", "f", []string{"fleet.yaml"}, "spec file, directory of spec files, or - for standard input; repeatable")
	a.specFlags.flags(f)
	f.BoolVar(&a.local, "local", false, "use the embedded Daytona, a simulation on this machine")
	f.StringVar(&a.url, "api-url", "", "URL of the Daytona API, or local (default $DAYTONA_API_URL, else "+client.DefaultURL+")")
	f.StringVar(&a.target, "region", "", "region of resources without target (default $DAYTONA_TARGET)")
	f.StringVar(&a.org, "organization", "", "organisation id, for a JWT (default $DAYTONA_ORGANIZATION_ID)")
	f.StringArrayVar(&a.envFiles, "env-file", nil, "dotenv `FILE` to read variables from, instead of .env.local and .env; repeatable, the last precedes")
	f.BoolVar(&a.insecureHTTP, "insecure-http", false, "allow plain http to other machines, which exposes the credentials (default $FLEET_INSECURE_HTTP)")
	f.StringVar(&a.caFile, "ca-file", "", "PEM file with additional CA certificates")
	f.IntVar(&a.rateShare, "rate-share", 80, "percentage of the rate limits that fleet may use")
	f.BoolVar(&a.noColor, "no-color", false, "disable colours, like NO_COLOR")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "log each request to standard error")
}

// env is the value of an environment variable, or "".
func (a *app) env(name string) string {
	v, _ := a.Lookup(name)
	return v
}

// style is how to print on a stream.
func (a *app) style(w io.Writer) render.Style {
	width, isTerminal := a.terminalWidth(w)
	wanted := isTerminal && a.env("TERM") != "dumb" || a.env("CLICOLOR_FORCE") != ""
	return render.Style{Color: wanted && !a.noColor && a.env("NO_COLOR") == "", Width: width}
}

// terminalWidth is the width of the terminal behind a stream, if there is one.
func (a *app) terminalWidth(w any) (width int, ok bool) {
	width, _, ok = a.terminalSize(w)
	return width, ok
}

// note prints a line that is not data.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.Err, format+"\n", args...) }

// A session is an open connection.
type session struct {
	*client.Client
	config    client.Config
	telemetry *telemetry.Telemetry
	close     func()

	address      string // the server's URL, or local
	organization string // that the credentials name; empty for that of a key
}

// server is what flags and environment say of the server: the configuration,
// and the URL or local.
func (a *app) server() (config client.Config, address string, err error) {
	if a.local && a.url != "" && a.url != localURL {
		return config, "", invalid("--local and --api-url name two servers: give one of them")
	}
	base := client.Config{
		URL: a.url, Target: a.target, Organization: a.org, CAFile: a.caFile,
		RateShare: a.rateShare, Version: Version(),
	}
	if a.url != "" {
		base.Origins.URL.Name = "--api-url"
	}
	e, err := a.settings()
	if err != nil {
		return config, "", err
	}
	if base.InsecureHTTP, err = a.insecureHTTPAllowed(e); err != nil {
		return config, "", err
	}
	config = client.LoadConfig(base, e.sources(a.Lookup)...)
	if a.local {
		return config, localURL, nil
	}
	return config, config.URL, config.CheckOrigins()
}

// readCA reads the certificates of --ca-file, which may be a pipe.
func (a *app) readCA(ctx context.Context, config *client.Config) (err error) {
	if a.caFile == "" {
		return nil
	}
	if config.CA, err = input.ReadNamed(ctx, a.caFile, input.MaxList); err != nil {
		return invalid("--ca-file: %w", err)
	}
	return nil
}

// open connects to the server that flags and environment name.
func (a *app) open(ctx context.Context) (*session, error) {
	config, address, err := a.server()
	if err != nil {
		return nil, err
	}
	if err := a.readCA(ctx, &config); err != nil {
		return nil, err
	}
	if a.rateShare < 1 || a.rateShare > 100 {
		return nil, invalid("--rate-share is a percentage from 1 to 100, not %d", a.rateShare)
	}
	if a.verbose {
		config.Log = slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	stop := func() {}
	if address == localURL {
		if config, stop, err = a.startLocal(ctx, config); err != nil {
			return nil, err
		}
	}
	if config.Writes, err = a.openWriteLog(address); err != nil {
		stop()
		return nil, err
	}
	config.OnRateLimitWait = a.rateLimits.notifyFunc(a.Err)
	observer, end := a.startTelemetry(ctx)
	config.Instrument = observer.Instrument()
	c, err := client.New(config)
	if err != nil {
		end()
		stop()
		if config.Key == "" && config.JWT == "" {
			err = fmt.Errorf("%w; or try it without an account: --local uses the embedded Daytona", err)
		}
		return nil, err
	}
	a.logOrigins(config, address)
	s := &session{Client: c, config: config, telemetry: observer, close: func() { c.Close(); end(); stop() }, address: address}
	if config.Key == "" {
		s.organization = config.Organization
	}
	return s, nil
}
