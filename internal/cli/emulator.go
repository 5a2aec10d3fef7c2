package cli

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/emulator/fault"
	"fleet/internal/exit"
	"fleet/internal/localserver"
	"fleet/plan"
)

// localDelays are those of Daytona, shortened.
var localDelays = emulator.Delays{
	Create: 300 * time.Millisecond, Start: 200 * time.Millisecond, Stop: 200 * time.Millisecond,
	Archive: 300 * time.Millisecond, Restore: 300 * time.Millisecond, Resize: 200 * time.Millisecond,
	Delete: 100 * time.Millisecond, Build: 500 * time.Millisecond, SnapshotPull: 300 * time.Millisecond,
	SnapshotSpread: 500 * time.Millisecond, SnapshotRemove: 100 * time.Millisecond, VolumeCreate: 100 * time.Millisecond, VolumeDelete: 100 * time.Millisecond,
}

// localKey is the API key of the embedded Daytona. It is not a secret.
const localKey = "local"

// owner describes the process for others that need the same state file.
func (a *app) owner() string { return fmt.Sprintf("%s (process %d)", a.command, os.Getpid()) }

// startLocal serves the embedded Daytona on a loopback port, and returns the
// configuration for it and a function that stops it. Commands that run at the same
// time share it.
func (a *app) startLocal(ctx context.Context, config client.Config) (client.Config, func(), error) {
	file, err := a.state().Path("local.json")
	if err != nil {
		return config, nil, err
	}
	errOut := a.err // of this moment, since requests may wait later
	server, err := localserver.Start(ctx, localserver.Options{
		Emulator: emulator.Options{Key: localKey, StateFile: file, Delays: localDelays}, Owner: a.owner(),
		OnWait: func(owner string) {
			fmt.Fprintf(errOut, "Waiting for %s, which uses the embedded Daytona.\n", cmp.Or(owner, "another process"))
		},
	})
	if err != nil {
		return config, nil, fmt.Errorf("starting the embedded Daytona: %w", err)
	}
	shared := ""
	if other := server.Other(); other != "" {
		shared = ", shared with " + other
	}
	a.note("Using the embedded Daytona%s: a simulation, nothing runs and nothing is billed. Its state is in %s; `fleet status --local --all` lists it, and removing the file resets it.", shared, file)
	config.URL = "http://" + server.Host() + "/api"
	config.Key, config.JWT, config.Organization = localKey, "", ""
	config.Origins, config.Proxy = client.Origins{}, nil
	return config, server.Close, nil
}

// serve serves until stop is called, and logs its errors. stop waits for the end of the server.
func serve(listener net.Listener, server *emulator.Server, errors *log.Logger) (stop func()) {
	s := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second, ErrorLog: errors}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(listener) // returns http.ErrServerClosed
	}()
	return func() {
		s.Close()
		<-served
		_ = server.Close() // every answered request is stored already
	}
}

// emulatorOptions are the flags of fleet emulator.
type emulatorOptions struct {
	listen string // loopback address and port
	server emulator.Options
	create time.Duration
	delete time.Duration
	build  time.Duration

	anySize bool // no limits of a single sandbox
}

func (o *emulatorOptions) declare(f *flagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:3986", "loopback address and port; port 0 picks a free one")
	f.StringVar(&o.server.Key, "key", "", "API key to accept (default any)")
	f.StringVar(&o.server.StateFile, "state", "", "file to keep the state in (default memory only)")
	f.StringVar(&o.server.APIVersion, "api-version", emulator.Version205, "version of the API to serve: 0.220.0, 0.205.0 or 0.190.0")
	durationFlag(f, &o.server.Latency, "latency", 0, "time to add to every response")
	durationFlag(f, &o.create, "create", localDelays.Create, "time that the creation of a sandbox takes")
	durationFlag(f, &o.delete, "delete", localDelays.Delete, "time that the deletion of a sandbox takes")
	durationFlag(f, &o.build, "build", localDelays.Build, "time that the build of an image takes")
	f.BoolVar(&o.anySize, "any-size", false, "allow sandboxes of any size (default: 4 vCPU, 8 GiB of memory and 10 GiB of disk; with a GPU 16, 192 and 512)")
	f.StringArrayVar(&o.server.Faults, "fault", nil, "fault to inject, such as \"503 POST /sandbox rate=0.1\"; repeatable, see docs/emulator.md")
	f.BoolVar(&o.server.Control, "control", false, "serve /_emulator/ to set states, faults and the clock")
	f.check(o.checkFlags)
}

func (o *emulatorOptions) checkFlags() error {
	version := o.server.APIVersion
	if known := []string{emulator.Version220, emulator.Version205, emulator.Version190}; !slices.Contains(known, version) {
		return exit.Invalidf("--api-version %s: valid versions: %s", version, plan.JoinAnd(known))
	}
	for _, text := range o.server.Faults {
		if _, err := fault.Parse(text); err != nil {
			return exit.Invalidf("--fault: %w", err)
		}
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return exit.Invalidf("--listen %s: %w", o.listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return exit.Invalidf("--listen %s: must be a loopback address, such as 127.0.0.1:3986: the emulator is not secured", o.listen)
	}
	return nil
}

func (a *app) emulatorCommand() *cobra.Command {
	var o emulatorOptions
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Serve the embedded Daytona simulation",
		Long: `Serves a simulation of the part of Daytona's API that fleet uses, for trials and
tests. Nothing runs in its sandboxes. It listens on this machine only. Point any
client at it:

  DAYTONA_API_URL=http://127.0.0.1:3986/api DAYTONA_API_KEY=KEY

With --control, requests to /_emulator/ inject faults; see docs/emulator.md.`,
		Example: `  fleet emulator --listen 127.0.0.1:3986 --key test
  fleet emulator --state world.json --create 2s
  fleet emulator --fault "reset-after POST /sandbox rate=0.1" --fault "list-lag 2s"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.emulate(cmd.Context(), o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// emulate serves until ctx ends.
func (a *app) emulate(ctx context.Context, o emulatorOptions) error {
	o.server.Delays, o.server.Owner = localDelays, a.owner()
	o.server.Delays.Create, o.server.Delays.Delete, o.server.Delays.Build = o.create, o.delete, o.build
	if o.anySize {
		o.server.Faults = append(o.server.Faults, fault.AnySize)
	}
	server, err := emulator.New(o.server)
	if err != nil {
		return fmt.Errorf("starting the emulator: %w", err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("starting the emulator: %w", err)
	}
	defer serve(listener, server, log.New(a.err, "fleet: ", 0))()
	url := "http://" + strings.Replace(listener.Addr().String(), "[::]", "127.0.0.1", 1) + "/api"
	a.note("Serving a simulation of Daytona at %s. Nothing runs in its sandboxes. Press Ctrl-C to stop.", url)
	<-ctx.Done()
	return nil
}
