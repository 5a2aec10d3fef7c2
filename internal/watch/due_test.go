package watch

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestDue: the last time that was set counts, once.
func TestDue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d := NewDue()
		go d.Run(t.Context())
		s := newSite(t, Options{Triggers: []<-chan Cause{d.Causes()}})
		s.whole("start")
		start := time.Now()
		d.Set(start.Add(time.Hour))
		d.Set(start.Add(3 * time.Hour))
		time.Sleep(2 * time.Hour)
		s.nothing()
		time.Sleep(time.Hour + time.Second)
		s.whole("retry")
		d.Set(time.Now().Add(time.Hour))
		synctest.Wait()
		d.Set(time.Time{})
		time.Sleep(2 * time.Hour)
		s.nothing()
	})
}

func TestRetryDelay(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: FirstRetry, 1: FirstRetry, 2: 2 * FirstRetry, 6: 160 * time.Second, 7: LastRetry, 1 << 40: LastRetry} {
		if got := RetryDelay(failures); got != want {
			t.Errorf("after %d failures: %s, want %s", failures, got, want)
		}
	}
}
