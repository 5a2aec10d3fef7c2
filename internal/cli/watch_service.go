package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fleet/internal/exit"
	"fleet/internal/journal"
	"fleet/internal/watch"
	"fleet/internal/watch/notify"
	"fleet/internal/watch/page"
	"fleet/internal/watch/policy"
	"fleet/internal/watch/push"
	"fleet/internal/watch/reconcile"
	watchserver "fleet/internal/watch/serve"
	"fleet/internal/watch/serve/metrics"
	"fleet/internal/watch/systemd"
)

// A watcher is a watch with all that belongs to it.
type watcher struct {
	*watchRunner
	options   watchOptions
	journal   *journal.Journal
	engine    *reconcile.Engine
	push      *push.Listener // nil: the platform's events are not received
	server    *watchserver.Server
	metrics   *metrics.Collector
	webhooks  *notify.Webhooks  // nil for none
	eventFile *notify.EventFile // nil for none
	watchdog  *systemd.Watchdog
	due       *watch.Due
	requests  *watch.Requests
	owned     sync.WaitGroup // goroutines that end with the context of run
}

// newWatcher returns a watch of an opened run. What it opens is closed by run.
func (a *app) newWatcher(ctx context.Context, o watchOptions, p *planRun) (*watcher, error) {
	w := &watcher{watchRunner: &watchRunner{planRun: p}, options: o, requests: watch.NewRequests(), due: watch.NewDue()}
	w.setRevision(ctx)
	w.journal = journal.New(time.Now, journal.Head{
		Fleet: p.fleet.Name, Environment: p.fleet.Environment, Server: p.session.address, Mode: string(o.policy.Mode), Version: Version(),
	})
	if o.events {
		w.push = push.New(push.Options{Client: p.session.Client, Fleet: p.fleet.Name, SetState: func(text string) {
			w.journal.SetHead(func(h *journal.Head) { h.Pushes = text })
		}})
	}
	file := a.state().WatchState(p.session.address, p.fleet.Name)
	state, err := file.Read()
	if err != nil { // what was paused must not be changed
		return nil, exit.Invalidf("the pauses of an earlier watch cannot be read: %w; remove the file to start without them", err)
	}
	w.engine = reconcile.New(reconcile.Options{
		Runner: w.watchRunner, Journal: w.journal, Policy: o.policy, State: state, Push: w.push, Requests: w.requests, Due: w.due,
		StartPass: p.session.telemetry.StartPass, ListEvery: w.listInterval(), Save: func(s *policy.State) {
			if err := file.Write(s); err != nil {
				w.journal.Raise("state-not-stored", fmt.Sprintf("pauses and failures are not stored for a later watch: %v", err))
			} else {
				w.journal.Clear("state-not-stored")
			}
		},
	})
	if w.watchdog, err = systemd.NewWatchdog(systemd.WatchdogOptions{}); err != nil {
		return nil, fmt.Errorf("systemd: %w", err)
	}
	if w.webhooks, err = a.newWebhooks(ctx, o.notify, w.journal); err != nil {
		return nil, err
	}
	if w.eventFile, err = o.notify.openEventFile(); err != nil {
		return nil, err
	}
	return w, w.listen(ctx)
}

// listInterval returns the longest time between two listings while the platform announces
// changes.
func (w *watcher) listInterval() time.Duration {
	if w.options.setsTime && w.options.interval > 0 {
		return w.options.interval
	}
	return pushedInterval
}

// interval returns the time between two passes.
func (w *watcher) interval() time.Duration {
	if w.options.interval == 0 {
		return 0
	}
	return w.engine.Interval(w.options.interval)
}

// listen opens the socket of the watch, and its address if it has one. Without a socket,
// fleet approve, pause, resume and reconcile do not reach the watch.
func (w *watcher) listen(ctx context.Context) (err error) {
	w.metrics = metrics.New(w.journal)
	o, err := w.options.serve.resolve(ctx)
	if err != nil {
		return err
	}
	o.Journal, o.Controls, o.Metrics, o.Page = w.journal, w.engine, w.metrics.Handler(), page.Handler()
	if o.Socket, err = w.app.state().WatchSocket(w.session.address, w.fleet.Name); err == nil {
		if w.server, err = watchserver.Listen(ctx, o); err == nil {
			return nil
		}
	}
	if running, is := errors.AsType[*watchserver.RunningError](err); is {
		return exit.Refusedf("%w", running)
	}
	if checked := o.Check(); checked != nil {
		return exit.Invalidf("%w", checked)
	}
	w.app.note("Commands such as fleet approve do not reach this watch: %v", err)
	o.Socket = ""
	if w.server, err = watchserver.Listen(ctx, o); err != nil {
		return exit.Invalidf("--listen: %w", err)
	}
	return nil
}

// run reconciles until ctx ends, and ends all that belongs to the watch.
func (w *watcher) run(ctx context.Context) {
	defer w.owned.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer w.app.specs.watched.start(ctx, w.app.err)()
	services, stopServices := context.WithCancel(context.WithoutCancel(ctx)) // which report the end of the last pass
	defer stopServices()
	w.startServices(services)
	w.owned.Go(func() { w.due.Run(ctx) })
	triggers := []<-chan watch.Cause{w.app.specs.watched.causes(), w.requests.Causes(), w.due.Causes()}
	if _, atTerminal := w.app.terminalWidth(w.app.in); !atTerminal {
		signals := watch.NewSignals(w.app.interrupt.Reloads())
		w.owned.Go(func() { signals.Run(ctx) })
		triggers = append(triggers, signals.Causes())
	}
	if w.push != nil {
		w.owned.Go(func() { w.push.Run(ctx) })
		triggers = append(triggers, w.push.Causes())
		select { // what is listed once events are received needs no second list
		case <-w.push.Ready():
		case <-ctx.Done():
		}
	}
	watch.Loop(ctx, watch.Options{
		Triggers: triggers, Interval: w.interval, Jitter: 0.1, Idle: w.watchdog.Asks(),
		Waiting:  func(n int) { w.journal.SetHead(func(h *journal.Head) { h.Waiting = n }) },
		NextPass: func(t time.Time) { w.journal.SetHead(func(h *journal.Head) { h.NextPass = t }) },
	}, w.pass)
	_ = systemd.Service{}.Stopping()
}

// pass makes a pass, and reports to systemd that the service is ready after the first one.
func (w *watcher) pass(ctx context.Context, causes watch.Causes) {
	if causes.Has(watch.Signal) {
		_ = systemd.Service{}.Reloading()
	}
	w.engine.Pass(ctx, causes)
	if causes.Has(watch.Start) || causes.Has(watch.Signal) {
		_ = systemd.Service{}.Ready()
	}
}

// startServices starts what reads the journal. It ends with ctx.
func (w *watcher) startServices(ctx context.Context) {
	w.owned.Go(func() {
		if err := w.server.Run(ctx); err != nil {
			w.journal.Raise("server-failed", w.Redact(err.Error()))
		}
	})
	w.owned.Go(func() { w.metrics.Follow(ctx) })
	w.owned.Go(func() { w.watchdog.Run(ctx) })
	w.owned.Go(func() {
		notify.FollowStatus(ctx, w.journal, func(line string) { _ = systemd.Service{}.Status(line) })
	})
	if w.webhooks != nil {
		w.owned.Go(func() { w.webhooks.Run(ctx) })
	}
	w.startLogs(ctx)
	if address := w.server.Addr(); address != nil {
		w.app.note("The page of the watch is at http://%s.", address)
	}
}
