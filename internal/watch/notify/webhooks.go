package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"fleet/internal/journal"
)

// flushTimeout is the time for notifications that wait when the watch ends.
const flushTimeout = 3 * time.Second

// WebhookOptions configure [NewWebhooks].
type WebhookOptions struct {
	Journal      *journal.Journal  // for Run; Test needs none
	URLs         []string          // https, or http to this machine; each gets all notifications
	Secrets      []Secret          // sign; may be empty only with a Template
	Template     *Template         // of payloads; nil means JSON
	InsecureHTTP bool              // whether other machines may be reached over plain http
	Transport    http.RoundTripper // see client.Config.Network; nil means http.DefaultTransport
	Version      string            // of the calling program
	Queue        int               // notifications that wait for one endpoint; 0 means 100

	Now   func() time.Time                     // nil means time.Now
	After func(time.Duration) <-chan time.Time // nil means time.After
}

func (o WebhookOptions) withDefaults() *WebhookOptions {
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Queue == 0 {
		o.Queue = 100
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return &o
}

// Webhooks send the notifications of a watch.
type Webhooks struct {
	options   *WebhookOptions
	endpoints []*endpoint
}

// NewWebhooks returns the webhooks for the addresses. It sends nothing. The error names
// each address that cannot be used by its number.
func NewWebhooks(o WebhookOptions) (*Webhooks, error) {
	w := &Webhooks{options: o.withDefaults()}
	var problems []error
	if len(o.Secrets) == 0 && o.Template == nil {
		problems = append(problems, errors.New("webhooks in JSON need a secret that signs them"))
	}
	hosts := map[string]int{}
	for i, address := range o.URLs {
		host, err := parseAddress(address, o.InsecureHTTP)
		if err == nil && slices.Contains(o.URLs[:i], address) {
			err = errors.New("is there twice")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("webhook %d %w", i+1, err))
			continue
		}
		name := host
		if hosts[host]++; hosts[host] > 1 {
			name = fmt.Sprintf("%s#%d", host, hosts[host])
		}
		w.endpoints = append(w.endpoints, w.newEndpoint(name, address))
	}
	return w, errors.Join(problems...)
}

func (w *Webhooks) newEndpoint(name, address string) *endpoint {
	e := &endpoint{
		name: name, address: address, options: w.options, queue: newQueue(w.options.Queue),
		client: &http.Client{
			Transport:     w.options.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	e.stats.Endpoint = name
	return e
}

// Run sends notifications until ctx ends. Those that wait then are tried once more, for
// three seconds in all. It may be called once.
func (w *Webhooks) Run(ctx context.Context) {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var workers sync.WaitGroup
	for _, e := range w.endpoints {
		workers.Go(func() { e.run(sending, ctx.Done()) })
	}
	w.follow(ctx)
	ended := make(chan struct{})
	go func() {
		workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-w.options.After(flushTimeout):
		cancel()
		<-ended
	}
}

// follow queues notifications until ctx ends, and closes the queues.
func (w *Webhooks) follow(ctx context.Context) {
	j := w.options.Journal
	f := newFilter(j.State().Head)
	follow(ctx, j, func(events []journal.Event, lost uint64) {
		var list []Notification
		if lost > 0 {
			list = f.catchUp(j.State(), w.options.Now())
		}
		for _, n := range append(list, f.take(events)...) {
			for _, e := range w.endpoints {
				e.enqueue(n)
			}
		}
	})
	for _, e := range w.endpoints {
		e.queue.close()
	}
}

// Test sends a test notification once to each endpoint, and returns their answers in the
// order of the addresses.
func (w *Webhooks) Test(ctx context.Context, head journal.Head) []Answer {
	n := ofTest(head, w.options.Now())
	list := make([]Answer, len(w.endpoints))
	for i, e := range w.endpoints {
		list[i] = e.post(ctx, n)
	}
	return list
}

// Stats returns the counts of each endpoint. It may be called at any time.
func (w *Webhooks) Stats() []Stats {
	list := make([]Stats, len(w.endpoints))
	for i, e := range w.endpoints {
		list[i] = e.stats.change(func(*Stats) {})
		list[i].Queued = e.queue.len()
	}
	return list
}
