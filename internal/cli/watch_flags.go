package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/internal/exit"
	"fleet/internal/journal"
	"fleet/internal/watch/notify"
	watchserver "fleet/internal/watch/serve"
)

// serveOptions are the flags of the address that a watch listens on.
type serveOptions struct {
	listen, tokenFile string
	hosts             []string
	metricsPublic     bool
	pprof             bool
}

func (o *serveOptions) declare(f *flagSet) {
	f.StringVar(&o.listen, "listen", "", "`ADDRESS` to serve the page, the API and the metrics on, such as "+watchserver.DefaultAddress)
	f.StringVar(&o.tokenFile, "listen-token-file", "", "`FILE` with the token that --listen demands; required off loopback")
	f.StringArrayVar(&o.hosts, "listen-host", nil, "further `NAME` that clients use for --listen, such as that of a proxy; repeatable")
	f.BoolVar(&o.metricsPublic, "metrics-public", false, "serve /metrics without the token")
	f.BoolVar(&o.pprof, "pprof", false, "serve profiles of the process on --listen, on loopback only")
	f.check(func() error {
		if o.listen == "" && (o.tokenFile != "" || len(o.hosts) > 0 || o.metricsPublic || o.pprof) {
			return exit.Invalidf("--listen-token-file, --listen-host, --metrics-public and --pprof require --listen")
		}
		return nil
	})
}

// resolve returns the options of the server.
func (o *serveOptions) resolve(ctx context.Context) (s watchserver.Options, err error) {
	s = watchserver.Options{Listen: o.listen, Hosts: o.hosts, MetricsPublic: o.metricsPublic, Pprof: o.pprof}
	if o.tokenFile != "" {
		s.Token, err = readToken(ctx, "--listen-token-file", o.tokenFile)
	}
	return s, err
}

// notifyOptions are the flags of notifications, logs and events of a watch.
type notifyOptions struct {
	urls       []string
	secretFile string
	template   string
	test       bool
	eventFile  string
	logFormat  string
}

func (o *notifyOptions) declare(f *flagSet) {
	f.StringArrayVar(&o.urls, "webhook", nil, "`URL` that is notified of changes, failures, alarms and plans that wait; repeatable")
	f.StringVar(&o.secretFile, "webhook-secret-file", "", "`FILE` with the secrets that sign notifications, as in Standard Webhooks (default $FLEET_WEBHOOK_SECRET)")
	f.StringVar(&o.template, "webhook-template", "", "`TEMPLATE` of notifications: slack, or a file in the language of Go's text/template")
	f.BoolVar(&o.test, "test-webhook", false, "send a test notification to each --webhook, report the answers, and end")
	f.StringVar(&o.eventFile, "event-file", "", "`FILE` to append the events of the watch to, as lines of JSON")
	f.StringVar(&o.logFormat, "log-format", "", "write a log to standard error in `FORMAT`: text or json")
	f.check(func() error {
		switch {
		case len(o.urls) == 0 && (o.secretFile != "" || o.template != "" || o.test):
			return exit.Invalidf("--webhook-secret-file, --webhook-template and --test-webhook require --webhook")
		case o.logFormat != "" && o.logFormat != "text" && o.logFormat != "json":
			return exit.Invalidf("--log-format must be text or json, not %q", o.logFormat)
		}
		return nil
	})
}

// webhookSecretVariable is the environment variable of secrets that sign notifications.
const webhookSecretVariable = "FLEET_WEBHOOK_SECRET"

// newWebhooks returns the webhooks of the flags; nil for none.
func (a *app) newWebhooks(ctx context.Context, o notifyOptions, j *journal.Journal) (*notify.Webhooks, error) {
	if len(o.urls) == 0 {
		return nil, nil
	}
	w := notify.WebhookOptions{Journal: j, URLs: o.urls, Version: Version()}
	secret, _ := a.lookup(webhookSecretVariable)
	var err error
	if w.Secrets, err = notify.LoadSecrets(ctx, o.secretFile, secret); err != nil {
		return nil, exit.Invalidf("--webhook-secret-file and $%s: %w", webhookSecretVariable, err)
	}
	if o.template != "" {
		if w.Template, err = notify.LoadTemplate(ctx, o.template); err != nil {
			return nil, exit.Invalidf("--webhook-template: %w", err)
		}
	}
	e, err := a.connectionSettings()
	if err != nil {
		return nil, err
	}
	if w.InsecureHTTP, err = e.InsecureHTTP(a.lookup, a.flags.insecureHTTP); err != nil {
		return nil, err
	}
	config, _, err := a.server()
	if err != nil {
		return nil, err
	}
	if w.Transport, err = config.Network(); err != nil {
		return nil, err
	}
	hooks, err := notify.NewWebhooks(w)
	if err != nil && len(w.Secrets) == 0 && w.Template == nil {
		err = fmt.Errorf("%w\nNote: make a secret with echo whsec_$(openssl rand -base64 32) > secret.txt, and name it with --webhook-secret-file or in $%s", err, webhookSecretVariable)
	}
	if err != nil {
		return nil, exit.Invalidf("--webhook: %w", err)
	}
	return hooks, nil
}

// testWebhooks sends a test notification to each webhook, and reports the answers.
func (a *app) testWebhooks(ctx context.Context, o notifyOptions) error {
	j := journal.New(time.Now, journal.Head{Fleet: "test", Version: Version()})
	hooks, err := a.newWebhooks(ctx, o, j)
	if err != nil {
		return err
	}
	var failed error
	for i, answer := range hooks.Test(ctx, j.State().Head) {
		fmt.Fprintf(a.out, "webhook %d: %s\n", i+1, answer)
		if answer.Err != nil {
			failed = errors.New("not all webhooks accepted the notification")
		}
	}
	return failed
}

// openEventFile opens the file of --event-file; nil without the flag.
func (o notifyOptions) openEventFile() (*notify.EventFile, error) {
	if o.eventFile == "" {
		return nil, nil
	}
	f, err := notify.OpenEventFile(o.eventFile)
	if err != nil {
		return nil, exit.Invalidf("--event-file: %w", err)
	}
	return f, nil
}

// startLogs starts to write the log and the file of events, until ctx ends.
func (w *watcher) startLogs(ctx context.Context) {
	o := w.options.notify
	if o.logFormat != "" {
		h, err := notify.NewLogHandler(w.app.err, o.logFormat)
		if err != nil {
			panic(err) // the flag was checked
		}
		w.owned.Go(func() { notify.Log(ctx, w.journal, h) })
	}
	if w.eventFile != nil {
		w.owned.Go(func() {
			defer func() { _ = w.eventFile.Close() }()
			notify.WriteEvents(ctx, w.journal, w.eventFile)
		})
	}
}
