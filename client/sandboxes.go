package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// SandboxFilter restricts a list of sandboxes on the server. The zero value lists all.
type SandboxFilter struct {
	Labels       map[string]string // labels that a sandbox must have with exactly these values
	Name         string            // case-insensitive prefix with % and _ as wildcards: check the result
	IDPrefix     string            // case-insensitive prefix of the id, in hexadecimal
	CreatedAfter time.Time         // inclusive
	States       []string          // any of these stored states; the server refuses destroyed
	Snapshots    []string          // created from any of these, by name
}

func (f SandboxFilter) query() (url.Values, error) {
	query := url.Values{"sort": {"createdAt"}, "order": {"asc"}, "limit": {pageSize}}
	if len(f.Labels) > 0 {
		labels, err := json.Marshal(f.Labels)
		if err != nil {
			return nil, err
		}
		query.Set("labels", string(labels))
	}
	if f.Name != "" {
		query.Set("name", f.Name)
	}
	if f.IDPrefix != "" {
		query.Set("id", f.IDPrefix)
	}
	if !f.CreatedAfter.IsZero() {
		query.Set("createdAtAfter", f.CreatedAfter.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	if len(f.States) > 0 {
		query["states"] = f.States
	}
	if len(f.Snapshots) > 0 {
		query["snapshots"] = f.Snapshots
	}
	return query, nil
}

// Sandboxes lists the sandboxes that match, oldest first, each once. The iteration ends
// after the first error. A list may be some seconds out of date, and has fewer fields of
// each sandbox than Sandbox returns.
func (c *Client) Sandboxes(ctx context.Context, filter SandboxFilter) iter.Seq2[Sandbox, error] {
	return func(yield func(Sandbox, error) bool) {
		for l, err := range listedFrom(ctx, c, filter, "", kept) {
			if !yield(l.item, err) {
				return
			}
		}
	}
}

// kept returns a sandbox of a list whose fields can be kept.
func kept(s Sandbox) (Sandbox, error) {
	s.Fields = s.Fields.Clone()
	return s, nil
}

// Sandbox reads a sandbox. If it is read by name, the response may be up to 10 s out of
// date: use the id if it is known.
func (c *Client) Sandbox(ctx context.Context, idOrName string) (Sandbox, error) {
	return c.sandbox(ctx, request{method: http.MethodGet, path: []string{"sandbox", idOrName}})
}

// CreateSandbox creates a sandbox. The response may take 30 s and nevertheless show the
// initial state. The request is never repeated once it may have reached the server:
// after an error of class FailedToStart, Unreachable or ServerError the sandbox may
// exist, under its name.
func (c *Client) CreateSandbox(ctx context.Context, body map[string]any) (Sandbox, error) {
	s, err := c.sandbox(ctx, request{method: http.MethodPost, path: []string{"sandbox"}, body: body})
	if err == nil {
		c.config.Writes.Record(s.ID, WriteCreated)
	}
	return s, err
}

// sandbox sends a request whose response is a sandbox.
func (c *Client) sandbox(ctx context.Context, r request) (Sandbox, error) {
	s, err := send[Sandbox](ctx, c, r)
	c.proxyCache.addSandbox(s)
	return s, err
}

// SandboxRequest is a request that changes a sandbox.
type SandboxRequest struct {
	Method string         // of HTTP
	Path   string         // below the sandbox, with a query if need be, such as "autostop/30" or "stop?force=true"
	Body   map[string]any // encoded as JSON; nil means no body
}

// ChangeSandbox sends a request that changes a sandbox. The response may have only some
// fields of the sandbox; the result is zero if the response is empty.
func (c *Client) ChangeSandbox(ctx context.Context, id string, call SandboxRequest) (Sandbox, error) {
	below, search, _ := strings.Cut(call.Path, "?")
	query, err := url.ParseQuery(search)
	if err != nil {
		return Sandbox{}, err
	}
	r := request{
		method:     call.Method,
		path:       append([]string{"sandbox", id}, strings.Split(below, "/")...),
		query:      query,
		allowEmpty: true,
	}
	if call.Body != nil {
		r.body = call.Body
	}
	c.config.Writes.Record(id, WriteChanged)
	return c.sandbox(ctx, r)
}

// SetLabels replaces all labels of a sandbox, in any state. Nil or empty labels remove
// all of them.
func (c *Client) SetLabels(ctx context.Context, id string, labels map[string]string) error {
	if labels == nil {
		labels = map[string]string{} // a null would be stored as null
	}
	r := request{method: http.MethodPut, path: []string{"sandbox", id, "labels"}, body: map[string]any{"labels": labels}}
	c.config.Writes.Record(id, WriteChanged)
	return c.do(ctx, r, nil)
}

// DeleteSandbox starts the deletion of a sandbox. Its name is free when DeleteSandbox
// returns. The error is InTransition if another change is under way.
func (c *Client) DeleteSandbox(ctx context.Context, id string) (Sandbox, error) {
	c.config.Writes.Record(id, WriteChanged)
	s, err := send[Sandbox](ctx, c, request{method: http.MethodDelete, path: []string{"sandbox", id}, allowEmpty: true})
	if err == nil || ErrorClassOf(err) == NotFound {
		c.config.Writes.Record(id, WriteDeleted)
	}
	return s, err
}

// StartSandbox starts a stopped or paused sandbox, and returns when it has started or
// after 30 s. It starts to restore an archived sandbox. A started sandbox is unchanged.
func (c *Client) StartSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "start")
}

// StopSandbox starts to stop a started sandbox, which deletes it if it is ephemeral. The
// error is IllegalState if it is stopped.
func (c *Client) StopSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "stop")
}

// PauseSandbox starts to pause a started sandbox. The error is NotSupported if its class
// cannot pause.
func (c *Client) PauseSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "pause")
}

// ArchiveSandbox starts to archive a stopped sandbox, which may take minutes.
func (c *Client) ArchiveSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "archive")
}

// RecoverSandbox starts to repair a sandbox that is Failed and Recoverable.
func (c *Client) RecoverSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "recover")
}

func (c *Client) lifecycle(ctx context.Context, id, action string) (Sandbox, error) {
	return c.ChangeSandbox(ctx, id, SandboxRequest{Method: http.MethodPost, Path: action})
}
