package watch

import "time"

// Until returns a channel that is closed when stop is closed, or after a time; 0 means
// never. release must be called when the channel is no longer needed. A nil after is
// time.After.
func Until(stop <-chan struct{}, wait time.Duration, after func(time.Duration) <-chan time.Time) (stopped <-chan struct{}, release func()) {
	if wait == 0 {
		return stop, func() {}
	}
	if after == nil {
		after = time.After
	}
	closed, done, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-stop:
			close(closed)
		case <-after(wait):
			close(closed)
		case <-done:
		}
	}()
	return closed, func() {
		close(done)
		<-ended
	}
}
