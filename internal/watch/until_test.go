package watch

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		isClosed := func(c <-chan struct{}) bool {
			synctest.Wait()
			select {
			case <-c:
				return true
			default:
				return false
			}
		}
		stop := make(chan struct{})
		byTime, releaseTime := Until(stop, time.Hour, nil)
		byStop, releaseStop := Until(stop, 3*time.Hour, nil)
		never, releaseNever := Until(stop, 0, nil)
		time.Sleep(time.Hour + time.Second)
		if !isClosed(byTime) || isClosed(byStop) || isClosed(never) {
			t.Error("after an hour, another channel than the first one is closed")
		}
		close(stop)
		if !isClosed(byStop) || !isClosed(never) {
			t.Error("stop did not close the others")
		}
		releaseTime()
		releaseStop()
		releaseNever()
		_, release := Until(make(chan struct{}), time.Hour, nil)
		release() // the goroutine ends, or synctest fails
	})
}
