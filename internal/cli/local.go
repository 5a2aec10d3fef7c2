package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/emulator/fault"
	"fleet/plan"
)

// localDelays make the embedded Daytona feel like one, only faster.
var localDelays = emulator.Delays{
	Create: 300 * time.Millisecond, Start: 200 * time.Millisecond, Stop: 200 * time.Millisecond,
	Archive: 300 * time.Millisecond, Restore: 300 * time.Millisecond, Resize: 200 * time.Millisecond,
	Delete: 100 * time.Millisecond, Build: 500 * time.Millisecond, SnapshotPull: 300 * time.Millisecond,
	SnapshotRemove: 100 * time.Millisecond, VolumeCreate: 100 * time.Millisecond, VolumeDelete: 100 * time.Millisecond,
}

// localURL stands for the embedded Daytona where a URL is asked for.
const localURL = "local"

// localKey is what the embedded Daytona accepts; it is no secret.
const localKey = "local"

// startLocal starts the embedded Daytona on loopback for one command and
// points the configuration at it.
func (a *app) startLocal(ctx context.Context, config client.Config) (client.Config, func(), error) {
	file, err := a.statePath("local.json")
	if err != nil {
		return config, nil, err
	}
	server, err := emulator.New(emulator.Options{Key: localKey, StateFile: file, Delays: localDelays})
	if err != nil {
		return config, nil, fmt.Errorf("starting the embedded Daytona: %w", err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return config, nil, fmt.Errorf("starting the embedded Daytona: %w", err)
	}
	stop := serve(listener, server)
	a.note("Using the embedded Daytona: a simulation, nothing runs and nothing is billed. Its state is in %s.", file)
	config.URL = "http://" + listener.Addr().String() + "/api"
	config.Key, config.JWT, config.Organization = localKey, "", ""
	config.Origins, config.Proxy = client.Origins{}, nil
	return config, stop, nil
}

// serve serves until the returned function is called, which waits for the end.
func serve(listener net.Listener, server *emulator.Server) (stop func()) {
	s := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(listener) // always an error: that it was closed
	}()
	return func() {
		s.Close()
		<-served
		_ = server.Close() // what was answered is in the file already
	}
}

// statePath is where something is kept between commands.
func (a *app) statePath(path ...string) (string, error) {
	dir := a.env("XDG_STATE_HOME")
	if dir == "" {
		home := a.env("HOME")
		if home == "" {
			return "", errors.New("there is no place for what is kept between commands: set HOME or XDG_STATE_HOME")
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(append([]string{dir, "fleet"}, path...)...), nil
}

func (a *app) emulatorCommand() *cobra.Command {
	var listen, key, state, version string
	var latency, create, build time.Duration
	var control bool
	var faults []string
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Serve the embedded Daytona simulation",
		Long: `Serves a simulation of the part of Daytona's API that fleet uses, for trying
things out and for tests. Nothing runs in its sandboxes. It listens on this
machine only. Point any client at it:

  DAYTONA_API_URL=http://127.0.0.1:3986/api DAYTONA_API_KEY=KEY

With --control, requests to /_emulator/ break things on purpose; see
docs/emulator.md.`,
		Example: `  fleet emulator --listen 127.0.0.1:3986 --key test
  fleet emulator --state world.json --create 2s
  fleet emulator --fault "reset-after POST /sandbox rate=0.1" --fault "list-lag 2s"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if known := []string{emulator.Version220, emulator.Version205, emulator.Version190}; !slices.Contains(known, version) {
				return invalid("--api-version %s: known are %s", version, plan.JoinAnd(known))
			}
			for _, text := range faults {
				if _, err := fault.Parse(text); err != nil {
					return invalid("--fault: %w", err)
				}
			}
			delays := localDelays
			delays.Create, delays.Build = create, build
			return a.emulate(cmd.Context(), listen, emulator.Options{
				Key: key, StateFile: state, Delays: delays, Latency: latency, APIVersion: version, Control: control, Faults: faults,
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:3986", "loopback address and port; port 0 picks a free one")
	f.StringVar(&key, "key", "", "API key to accept (default any)")
	f.StringVar(&state, "state", "", "file to keep the state in (default memory only)")
	f.StringVar(&version, "api-version", emulator.Version205, "version of the API to speak: 0.220.0, 0.205.0 or 0.190.0")
	durationVar(f, &latency, "latency", 0, "time to add to every answer")
	durationVar(f, &create, "create", localDelays.Create, "time that the creation of a sandbox takes")
	durationVar(f, &build, "build", localDelays.Build, "time that the build of an image takes")
	f.StringArrayVar(&faults, "fault", nil, "trouble to make, such as \"503 POST /sandbox rate=0.1\"; repeatable, see docs/emulator.md")
	f.BoolVar(&control, "control", false, "serve /_emulator/ to set states, faults and the clock")
	return cmd
}

// emulate serves until the process is told to end.
func (a *app) emulate(ctx context.Context, listen string, opts emulator.Options) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return invalid("--listen %s: %w", listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return invalid("--listen %s: the emulator has no defences; it listens on loopback only, such as 127.0.0.1:3986", listen)
	}
	server, err := emulator.New(opts)
	if err != nil {
		return fmt.Errorf("starting the emulator: %w", err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("starting the emulator: %w", err)
	}
	defer serve(listener, server)()
	url := "http://" + strings.Replace(listener.Addr().String(), "[::]", "127.0.0.1", 1) + "/api"
	a.note("Serving a simulation of Daytona at %s. Nothing runs in its sandboxes. Ctrl-C ends it.", url)
	<-ctx.Done()
	return nil
}
