package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/watch/control"
	"fleet/spec"
)

// maxToken is the largest file of a token, in bytes.
const maxToken = 4 << 10

// controlClient returns a client of the watch that the flags name.
func (a *app) controlClient(ctx context.Context, o controlOptions) (*control.Client, error) {
	if o.url == "" {
		return a.localWatch(ctx)
	}
	e, err := a.connectionSettings()
	if err != nil {
		return nil, err
	}
	r := control.Remote{URL: o.url}
	if r.InsecureHTTP, err = e.InsecureHTTP(a.lookup, a.flags.insecureHTTP); err != nil {
		return nil, err
	}
	if o.tokenFile != "" {
		if r.Token, err = readToken(ctx, "--token-file", o.tokenFile); err != nil {
			return nil, err
		}
	}
	if r.TLS, err = a.trusted(ctx); err != nil {
		return nil, err
	}
	c, err := r.Open()
	if err != nil {
		return nil, exit.Invalidf("--url: %w", err)
	}
	return c, nil
}

// trusted returns the certificates of --ca-file in addition to those of the system, or
// nil for only those.
func (a *app) trusted(ctx context.Context) (*tls.Config, error) {
	if a.flags.caFile == "" {
		return nil, nil
	}
	text, err := input.ReadNamed(ctx, a.flags.caFile, input.MaxList)
	if err != nil {
		return nil, exit.Invalidf("--ca-file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, exit.Invalidf("--ca-file: %s has no PEM certificate", a.flags.caFile)
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// readToken reads a token from the file of a flag, without the blanks around it.
func readToken(ctx context.Context, flag, file string) (string, error) {
	text, err := input.ReadNamed(ctx, file, maxToken)
	if err != nil {
		return "", exit.Invalidf("%s: %w", flag, err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", exit.Invalidf("%s: %s must have one token of printable ASCII characters", flag, file)
	}
	return token, nil
}

// localWatch returns a client of the watch of the spec's fleet on this machine. If the
// spec cannot be read, a single watch is meant: it can be paused while its spec is broken.
func (a *app) localWatch(ctx context.Context) (*control.Client, error) {
	if f := a.loadForCompletion(); f != nil {
		_, address, err := a.server()
		if err != nil {
			return nil, err
		}
		path, err := a.state().WatchSocket(address, f.Name)
		return control.OverSocket(path), err
	}
	var found []*control.Client
	var names []string
	for _, path := range a.state().WatchSockets() {
		c := control.OverSocket(path)
		if s, err := c.State(ctx); err == nil {
			found, names = append(found, c), append(names, s.Fleet)
		}
	}
	if len(found) == 1 {
		a.note("The spec cannot be read; the watch of fleet %s is the only one on this machine.", names[0])
		return found[0], nil
	}
	return nil, exit.Invalidf("the spec cannot be read, so that its fleet is unknown, and %d watches run on this machine; see fleet validate, or name the watch with --url", len(found))
}

// completeAddresses completes the addresses of the spec, and those of its groups.
func (a *app) completeAddresses(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	f := a.loadForCompletion()
	if f == nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	for _, kind := range spec.ObjectKinds {
		for _, r := range f.OfKind(kind) {
			address := r.String()
			group, _, _ := strings.Cut(address, "[")
			list = append(list, group, address)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), cobra.ShellCompDirectiveNoFileComp
}
