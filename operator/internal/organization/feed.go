package organization

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"fleet/client"
	"fleet/spec"
)

// A feed receives the events of an organisation.
type feed struct {
	org       *Organization
	cancel    context.CancelFunc
	ready     chan struct{} // closed after the first attempt to connect
	done      chan struct{} // closed when its goroutine has ended
	connected atomic.Bool

	mu     sync.Mutex
	access *Access            // whose key the connection is made with; nil for none
	end    context.CancelFunc // ends the connection
}

// newFeed returns a feed that receives nothing.
func newFeed(o *Organization) *feed {
	return &feed{org: o, ready: make(chan struct{}), done: make(chan struct{})}
}

// start starts a goroutine that receives events until stop.
func (f *feed) start() {
	ctx, cancel := background()
	f.cancel = cancel
	go func() {
		defer close(f.done)
		defer f.setReady()
		f.run(ctx)
	}()
}

// stop ends the feed, and waits for its goroutine.
func (f *feed) stop() {
	f.cancel()
	<-f.done
}

// wait waits for the first attempt to connect, which takes 10 seconds at most.
func (f *feed) wait(ctx context.Context) error {
	select {
	case <-f.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// setReady records that there was an attempt to connect. It is called by one goroutine.
func (f *feed) setReady() {
	select {
	case <-f.ready:
	default:
		close(f.ready)
	}
}

func (f *feed) isConnected() bool { return f.connected.Load() }

// steady is how long a connection lasts that counts as a success.
const steady = time.Minute

// refusedDelay is the time after which a server that offers no events is asked again.
const refusedDelay = 10 * time.Minute

// run connects again and again until ctx ends.
func (f *feed) run(ctx context.Context) {
	delays := newDelays()
	for ctx.Err() == nil {
		start := time.Now()
		err := f.receive(ctx)
		f.setReady()
		if err == nil && time.Since(start) >= steady {
			delays = newDelays()
		}
		delay := delays.Step()
		if client.EventsRefused(err) {
			delay = refusedDelay
		}
		select {
		case <-ctx.Done():
		case <-time.After(delay):
		}
	}
}

// newDelays returns the delays between attempts to connect.
func newDelays() *wait.Backoff {
	return &wait.Backoff{Duration: time.Second, Factor: 2, Jitter: 0.5, Steps: 6, Cap: 30 * time.Second}
}

// receive connects, and passes events on until the connection ends. It returns an error if
// there was no connection.
func (f *feed) receive(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := f.connect(ctx, cancel)
	if err != nil {
		return err
	}
	defer events.Close()
	defer f.setAccess(nil, nil)
	f.connected.Store(true)
	f.org.loseEvents() // those before the connection
	f.setReady()
	defer f.org.loseEvents()
	defer f.connected.Store(false)
	for {
		e, err := events.Next(ctx)
		if err != nil {
			return nil
		}
		f.org.event(e)
	}
}

// errNoAccess is the error of an organisation that is about to end.
var errNoAccess = errors.New("no key is left")

// connect connects with the first key that the server permits to. end ends the connection.
func (f *feed) connect(ctx context.Context, end context.CancelFunc) (*client.Events, error) {
	err := errNoAccess
	for _, a := range f.org.accessList() {
		f.setAccess(a, end) // before the attempt: the key may be given up during it
		if !f.org.hasAccess(a) {
			continue
		}
		var events *client.Events
		if events, err = a.Client().Events(ctx); err == nil {
			return events, nil
		}
	}
	f.setAccess(nil, nil)
	return nil, err
}

func (f *feed) setAccess(a *Access, end context.CancelFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.access, f.end = a, end
}

// leave ends a connection that is made with the key of an access. It is made again with
// another key.
func (f *feed) leave(a *Access) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.access == a {
		f.end()
	}
}

// ownerOf returns the fleet in the labels of an event.
func ownerOf(e client.Event) string { return e.Labels[spec.FleetLabel] }
