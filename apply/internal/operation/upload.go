package operation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/internal/buildcontext"
	"fleet/plan"
)

// An Upload is how far the upload of the local files of an image has come.
type Upload struct {
	Sent, Total int64   // bytes
	Rate        float64 // bytes a second, since the first byte was sent
}

// Uploads remember which contexts the storage has, so that each is uploaded once in a
// run. The zero Uploads remember none.
type Uploads struct {
	mu     sync.Mutex
	stored map[string]bool // by hash
}

func (u *Uploads) has(hash string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.stored[hash]
}

func (u *Uploads) add(hash string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stored == nil {
		u.stored = map[string]bool{}
	}
	u.stored[hash] = true
}

// ErrUploadStopped is the error of an upload that ended because the run was stopped.
var ErrUploadStopped = errors.New("the run was stopped")

// uploadContexts uploads the local files that the image of a task copies, unless the
// storage has them. It is called before the first operation of the task, so that nothing
// is deleted or created if it fails. It ends as soon as the run starts nothing more. Its
// time does not count in the timeout of the step.
func uploadContexts(ctx context.Context, e *Env, t *Task) error {
	contexts := t.missingContexts(e)
	if len(contexts) == 0 {
		return nil
	}
	start := e.Now()
	defer func() {
		took := e.Now().Sub(start)
		t.Deadline, t.Uploading = t.Deadline.Add(took), t.Uploading+took
	}()
	ctx, end := untilStopped(ctx, e.Stop)
	defer end()
	var g errgroup.Group
	m := newMeter(e, t.Step, contexts)
	for i, c := range contexts {
		g.Go(func() error {
			_, err := e.API.UploadContext(ctx, client.BuildContext{
				Hash: c.Hash, Size: c.TarSize(), Open: c.Open,
				Progress: func(sent, _ int64) { m.set(i, sent) },
			})
			if err == nil {
				e.Uploads.add(c.Hash)
			}
			return err
		})
	}
	err := g.Wait()
	switch {
	case err == nil:
		m.end()
		return nil
	case errors.Is(err, context.Canceled):
		return ErrUploadStopped
	}
	t.uploadFailed = true
	return fmt.Errorf("the local files of its image were not uploaded, and nothing was changed: %w", err)
}

// missingContexts returns the contexts of a task that has not created its object, without
// those that the storage is known to have.
func (t *Task) missingContexts(e *Env) []buildcontext.Manifest {
	if t.Step.Want == nil || t.Created() {
		return nil
	}
	i, _ := t.Step.Want.BuiltImage()
	var missing []buildcontext.Manifest
	for _, c := range i.Contexts {
		if !e.Uploads.has(c.Hash) {
			missing = append(missing, c)
		}
	}
	return missing
}

// untilStopped returns a context that ends when stop is closed, with the cause
// ErrUploadStopped. A nil stop never is.
func untilStopped(ctx context.Context, stop <-chan struct{}) (limited context.Context, end func()) {
	limited, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-stop:
			cancel(ErrUploadStopped)
		case <-limited.Done():
		}
	})
	return limited, func() {
		cancel(nil)
		watch.Wait()
	}
}

// uploadInterval is the shortest time between two reports of the progress of an upload.
const uploadInterval = 500 * time.Millisecond

// A meter reports the progress of the uploads of one task. Its methods may be called from
// several goroutines at once.
type meter struct {
	env  *Env
	step *plan.Step

	mu       sync.Mutex
	sent     []int64 // bytes of each context
	total    int64   // bytes of all
	start    time.Time
	reported time.Time
}

func newMeter(e *Env, s *plan.Step, contexts []buildcontext.Manifest) *meter {
	m := &meter{env: e, step: s, sent: make([]int64, len(contexts))}
	for _, c := range contexts {
		m.total += c.TarSize()
	}
	return m
}

// set records how much of a context was sent, and reports it from time to time.
func (m *meter) set(context int, sent int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.env.Now()
	if m.start.IsZero() {
		m.start = now
	}
	m.sent[context] = sent
	if m.env.OnUpload == nil || now.Sub(m.reported) < uploadInterval {
		return
	}
	if u := m.progress(now); u.Sent < u.Total { // end reports the last one
		m.reported = now
		m.env.OnUpload(m.step, u)
	}
}

// end reports the end of an upload that succeeded. What the storage had already was not
// sent, and is not reported.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.env.OnUpload != nil && !m.start.IsZero() {
		done := m.progress(m.env.Now())
		done.Total = done.Sent
		m.env.OnUpload(m.step, done)
	}
}

func (m *meter) progress(now time.Time) Upload {
	u := Upload{Total: m.total}
	for _, n := range m.sent {
		u.Sent += n
	}
	if took := now.Sub(m.start).Seconds(); took > 0 {
		u.Rate = float64(u.Sent) / took
	}
	return u
}
