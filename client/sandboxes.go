package client

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// SandboxFilter narrows a list of sandboxes on the server. The zero value
// lists all.
type SandboxFilter struct {
	Labels       map[string]string // all must be there with exactly these values
	Name         string            // case-insensitive prefix, in which % and _ are wildcards: compare again
	CreatedAfter time.Time         // inclusive
	States       []string          // stored states; destroyed is refused
	Snapshots    []string          // names: made from any of these
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

// Sandboxes lists the sandboxes that match, oldest first, each once. It ends
// after the first error. A list may lag some seconds behind the truth and
// tells less of each sandbox than Sandbox does.
func (c *Client) Sandboxes(ctx context.Context, filter SandboxFilter) iter.Seq2[Sandbox, error] {
	return pages("", Sandbox.key, func(cursor string) (page[Sandbox], error) {
		query, err := filter.query()
		if err != nil {
			return page[Sandbox]{}, err
		}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		list, err := send[page[Sandbox]](ctx, c, request{method: http.MethodGet, path: []string{"sandbox"}, query: query})
		for _, s := range list.Items {
			c.proxyCache.addSandbox(s)
		}
		return list, err
	})
}

func (s Sandbox) key() string { return s.ID }

// maxListReads is how often a numbered list is read until it does not change
// meanwhile.
const maxListReads = 5

// ErrListChanged is the error of a numbered list that changed each time it was read.
var ErrListChanged = errors.New("the list of sandboxes changed while it was read")

// SandboxesConsistent lists the sandboxes that match as the server's database has them,
// oldest first, each once, with all that Sandbox tells but the image. CreatedAfter
// is not supported.
//
// Servers from 0.220 on lack this list; the error is then of class NotFound or
// NotSupported. Its pages are numbered, so that what is deleted between two pages
// shifts the others: it is read again until its total agrees with what was read.
// After a few times the error is ErrListChanged.
func (c *Client) SandboxesConsistent(ctx context.Context, filter SandboxFilter) ([]Sandbox, error) {
	for range maxListReads {
		list, consistent, err := c.sandboxesByPage(ctx, filter)
		if err != nil || consistent {
			return list, err
		}
	}
	return nil, ErrListChanged
}

// sandboxesByPage reads a numbered list once, and reports whether it did not change
// meanwhile.
func (c *Client) sandboxesByPage(ctx context.Context, filter SandboxFilter) (list []Sandbox, consistent bool, err error) {
	query, err := filter.query()
	if err != nil {
		return nil, false, err
	}
	seen := map[string]bool{}
	total := -1
	for number, more := 1, true; more; number++ {
		if number > maxPages {
			return nil, false, errTooManyPages
		}
		query.Set("page", strconv.Itoa(number))
		p, err := send[page[Sandbox]](ctx, c, request{method: http.MethodGet, path: []string{"sandbox", "paginated"}, query: query})
		if err != nil {
			return nil, false, err
		}
		if total >= 0 && p.Total != total {
			return nil, false, nil
		}
		total, more = p.Total, number < p.TotalPages
		for _, s := range p.Items {
			c.proxyCache.addSandbox(s)
			if !seen[s.ID] {
				list = append(list, s)
			}
			seen[s.ID] = true
		}
	}
	return list, len(list) == total, nil
}

// Sandbox reads one sandbox. By name the server may answer up to 10 s late:
// use the id where it is known.
func (c *Client) Sandbox(ctx context.Context, idOrName string) (Sandbox, error) {
	return c.sandbox(ctx, request{method: http.MethodGet, path: []string{"sandbox", idOrName}})
}

// CreateSandbox creates a sandbox. The server may hold the answer for 30 s and
// answers with the state of the first moment all the same. After an error of
// class FailedToStart, Unreachable or Server the sandbox may exist: look for
// its name. The request is never repeated once it may have reached the server.
func (c *Client) CreateSandbox(ctx context.Context, body map[string]any) (Sandbox, error) {
	s, err := c.sandbox(ctx, request{method: http.MethodPost, path: []string{"sandbox"}, body: body})
	if err == nil {
		c.config.Writes.Record(s.ID, WriteCreated)
	}
	return s, err
}

// sandbox sends a request that is answered with a sandbox.
func (c *Client) sandbox(ctx context.Context, r request) (Sandbox, error) {
	s, err := send[Sandbox](ctx, c, r)
	c.proxyCache.addSandbox(s)
	return s, err
}

// SandboxRequest is a change of one sandbox.
type SandboxRequest struct {
	Method string         // of HTTP
	Path   string         // below the sandbox, such as "autostop/30", "resize" or "stop?force=true"
	Body   map[string]any // nil sends none
}

// ChangeSandbox makes a call and gives the server's answer, which may hold
// less than the whole sandbox or, where the server says nothing, nothing.
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

// SetLabels replaces all labels of a sandbox, in whatever state it is. No
// labels, nil or empty, removes them all.
func (c *Client) SetLabels(ctx context.Context, id string, labels map[string]string) error {
	if labels == nil {
		labels = map[string]string{} // a null would be stored as null
	}
	r := request{method: http.MethodPut, path: []string{"sandbox", id, "labels"}, body: map[string]any{"labels": labels}}
	c.config.Writes.Record(id, WriteChanged)
	return c.do(ctx, r, nil)
}

// DeleteSandbox begins the deletion; its name is free when it returns. Where
// another change is under way the error is InTransition.
func (c *Client) DeleteSandbox(ctx context.Context, id string) (Sandbox, error) {
	c.config.Writes.Record(id, WriteChanged)
	s, err := send[Sandbox](ctx, c, request{method: http.MethodDelete, path: []string{"sandbox", id}, allowEmpty: true})
	if err == nil || ErrorClassOf(err) == NotFound {
		c.config.Writes.Record(id, WriteDeleted)
	}
	return s, err
}

// StartSandbox starts a stopped or paused sandbox within the call, as far as
// 30 s allow, and begins to restore an archived one. On a started one it does
// nothing.
func (c *Client) StartSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "start")
}

// StopSandbox begins to stop a started sandbox; an ephemeral one is thereby
// deleted. On a stopped one the error is IllegalState.
func (c *Client) StopSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "stop")
}

// PauseSandbox begins to pause a started sandbox of a class that can pause;
// for others the error is NotSupported.
func (c *Client) PauseSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "pause")
}

// ArchiveSandbox begins to archive a stopped sandbox, which may take minutes.
func (c *Client) ArchiveSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "archive")
}

// RecoverSandbox begins to repair a sandbox that failed and is Recoverable.
func (c *Client) RecoverSandbox(ctx context.Context, id string) (Sandbox, error) {
	return c.lifecycle(ctx, id, "recover")
}

func (c *Client) lifecycle(ctx context.Context, id, verb string) (Sandbox, error) {
	return c.ChangeSandbox(ctx, id, SandboxRequest{Method: http.MethodPost, Path: verb})
}
