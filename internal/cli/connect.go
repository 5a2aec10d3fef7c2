package cli

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"log/slog"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/settings"
	"fleet/internal/statedir"
	"fleet/internal/telemetry"
)

// A session is a connection to a server. close ends it, and what it started.
type session struct {
	*client.Client

	config    client.Config
	telemetry *telemetry.Telemetry
	close     func()

	address      string // URL of the server, or settings.LocalURL
	organization string // id that belongs to a JWT; empty for an API key

	paceFile statedir.PaceFile
	pace     statedir.Pace // what is known about the server's pace
}

// server returns the configuration of the client that flags and environment
// specify, and the URL of the server or [settings.LocalURL].
func (a *app) server() (config client.Config, address string, err error) {
	g := a.flags
	if g.local && g.url != "" && g.url != settings.LocalURL {
		return config, "", exit.Invalidf("--local and --api-url are mutually exclusive")
	}
	base := client.Config{
		URL: g.url, Target: g.region, Organization: g.organization, CAFile: g.caFile, RateShare: g.rateShare, Version: Version(),
	}
	if g.url != "" {
		base.Origins.URL.Name = "--api-url"
	}
	e, err := a.connectionSettings()
	if err != nil {
		return config, "", err
	}
	if base.InsecureHTTP, err = e.InsecureHTTP(a.lookup, g.insecureHTTP); err != nil {
		return config, "", err
	}
	config = client.LoadConfig(base, e.Sources(a.lookup)...)
	if g.local {
		return config, settings.LocalURL, nil
	}
	return config, config.URL, config.CheckOrigins()
}

// connectionSettings returns the files that settings of the connection come
// from: those of --env-file, or else those of the working directory.
func (a *app) connectionSettings() (*settings.Environment, error) {
	e, err := a.environment()
	if err != nil || a.dir == "" || len(a.flags.envFiles) > 0 {
		return e, err
	}
	return settings.FindFiles(a.dir)
}

// open connects to the server.
func (a *app) open(ctx context.Context) (*session, error) {
	config, address, err := a.server()
	if err != nil {
		return nil, err
	}
	if err := a.completeConfig(ctx, &config); err != nil {
		return nil, err
	}
	stop := func() {}
	if address == settings.LocalURL {
		if config, stop, err = a.startLocal(ctx, config); err != nil {
			return nil, err
		}
	}
	if config.Writes, err = a.recentWrites(address); err != nil {
		stop()
		return nil, err
	}
	paceFile := a.state().PaceFile(address, cmp.Or(config.Key, config.Organization))
	pace := paceFile.Read(time.Now())
	config.NotedLimits = pace.Limits
	a.rememberShards(&config, address)
	config.OnRateLimitWait = a.rateLimits.notifyFunc(a.err)
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
	if a.flags.verbose {
		a.note("Connecting to %s.", settings.ConnectionText(config, address))
	}
	s := &session{
		Client: c, config: config, telemetry: observer, close: func() { c.Close(); end(); stop() }, address: address,
		paceFile: paceFile, pace: pace,
	}
	if config.Key == "" {
		s.organization = config.Organization
	}
	return s, nil
}

// recordPace keeps what a run found out about the server's pace for later runs. It
// returns the error of keeping it, which stops no run.
func (s *session) recordPace(r *apply.Report) error {
	s.pace = statedir.Pace{Limits: s.NotedLimits(), Concurrency: r.Concurrency.Or(s.pace.Concurrency), At: time.Now()}
	return s.paceFile.Write(s.pace)
}

// completeConfig reads the certificates of --ca-file, which may be a pipe, and
// sets the log.
func (a *app) completeConfig(ctx context.Context, config *client.Config) (err error) {
	if a.flags.caFile != "" {
		if config.CA, err = input.ReadNamed(ctx, a.flags.caFile, input.MaxList); err != nil {
			return exit.Invalidf("--ca-file: %w", err)
		}
	}
	if a.flags.rateShare < 1 || a.flags.rateShare > 100 {
		return exit.Invalidf("--rate-share must be a percentage from 1 to 100, not %d", a.flags.rateShare)
	}
	if a.flags.verbose {
		log.SetOutput(a.err)
		config.Log = slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return nil
}

// listLagVariable sets how long lists of the server may lag, as a duration of Go.
const listLagVariable = "FLEET_LIST_LAG"

// recentWrites returns what commands wrote to a server within the lag of its
// lists.
func (a *app) recentWrites(address string) (*client.Writes, error) {
	w := &client.Writes{}
	if text := a.env(listLagVariable); text != "" {
		lag, err := time.ParseDuration(text)
		if err != nil || lag <= 0 || lag > statedir.WriteLogPeriod {
			return nil, exit.Invalidf("%s=%s: must be a duration up to %s, such as 10s", listLagVariable, text, statedir.WriteLogPeriod)
		}
		w.ListLag = lag
	}
	a.state().OpenWriteLog(address, w, func(err error) {
		if a.flags.verbose {
			a.note("Recent writes are not stored for later commands: %v", err)
		}
	})
	return w, nil
}

// rememberShards keeps in the directory of state whether a server can list sandboxes in
// shards.
func (a *app) rememberShards(config *client.Config, address string) {
	if a.state().Unsharded(address) {
		config.Sharding = client.ShardNone
		if a.flags.verbose {
			a.note("Reading lists page after page: the server did not list sandboxes by the beginning of their ids lately.")
		}
	}
	config.OnUnsharded = func() {
		if err := a.state().MarkUnsharded(address); err != nil && a.flags.verbose {
			a.note("How the server lists sandboxes is not stored for later commands: %v", err)
		}
	}
}

// startTelemetry starts the telemetry that the environment asks for. Its errors
// are noted and stop nothing. end flushes it.
func (a *app) startTelemetry(ctx context.Context) (t *telemetry.Telemetry, end func()) {
	noteError := func(err error) {
		if err != nil {
			a.note("fleet: telemetry: %v", err)
		}
	}
	t, err := telemetry.Start(ctx, a.lookup, Version())
	noteError(err)
	return t, func() { noteError(t.Close()) }
}
