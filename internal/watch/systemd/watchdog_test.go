package systemd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// watched runs a loop with a watchdog of 20 seconds for a time, and returns how many
// times it notified systemd.
func watched(t *testing.T, d time.Duration, loop func(context.Context, *Watchdog)) int {
	t.Setenv("WATCHDOG_USEC", "20000000")
	t.Setenv("WATCHDOG_PID", "")
	w, err := NewWatchdog(WatchdogOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	synctest.Test(t, func(t *testing.T) {
		w.asks = make(chan struct{})
		w.notify = func() error {
			n++
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		ended := make(chan struct{})
		go func() {
			loop(ctx, w)
			close(ended)
		}()
		w.Run(ctx)
		<-ended
	})
	return n
}

func TestWatchdog(t *testing.T) {
	idle := func(ctx context.Context, w *Watchdog) {
		for {
			select {
			case <-w.Asks():
			case <-ctx.Done():
				return
			}
		}
	}
	for name, test := range map[string]struct {
		loop func(context.Context, *Watchdog)
		want int
	}{
		"idle":  {idle, 10},
		"hangs": {func(ctx context.Context, _ *Watchdog) { <-ctx.Done() }, 0},
		"hangs after 50 s": {func(ctx context.Context, w *Watchdog) {
			limited, cancel := context.WithTimeout(ctx, 45*time.Second)
			defer cancel()
			idle(limited, w)
			<-ctx.Done()
		}, 5},
		"long work with steps": {func(ctx context.Context, w *Watchdog) {
			for ctx.Err() == nil {
				w.Beat()
				time.Sleep(4 * time.Second)
			}
		}, 10},
		"long work that is bounded": {func(ctx context.Context, w *Watchdog) {
			defer w.During(45 * time.Second)()
			<-ctx.Done()
		}, 5},
		"work that ended, then hangs": {func(ctx context.Context, w *Watchdog) {
			w.During(time.Hour)()
			<-ctx.Done()
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := watched(t, 95*time.Second, test.loop); got != test.want {
				t.Errorf("notified %d times, want %d", got, test.want)
			}
		})
	}
}

// The notification is the one that systemd expects, and comes from the environment.
func TestWatchdogNotification(t *testing.T) {
	c := listen(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "20000000")
	t.Setenv("WATCHDOG_PID", fmt.Sprint(os.Getpid()))
	w, err := NewWatchdog(WatchdogOptions{})
	if err != nil || w == nil {
		t.Fatal(w, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	w.Beat()
	go func() {
		w.Run(ctx)
		close(ended)
	}()
	if got := received(t, c); got != "WATCHDOG=1" {
		t.Errorf("got %q", got)
	}
	cancel()
	<-ended
}

func TestNoWatchdog(t *testing.T) {
	for usec, valid := range map[string]bool{"": true, "x": false, "-1": false, "0": false} {
		t.Setenv("WATCHDOG_USEC", usec)
		w, err := NewWatchdog(WatchdogOptions{})
		if w != nil || (err == nil) != valid {
			t.Errorf("%q: %v, %v", usec, w, err)
		}
	}
	t.Setenv("WATCHDOG_USEC", "20000000")
	t.Setenv("WATCHDOG_PID", "1") // of another process
	w, err := NewWatchdog(WatchdogOptions{})
	if w != nil || err != nil || w.Asks() != nil {
		t.Errorf("%v, %v", w, err)
	}
	w.Beat()
	w.During(time.Hour)()
	w.Run(t.Context())
}
