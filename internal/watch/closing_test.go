package watch

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		isClosed := func(c <-chan struct{}) bool {
			select {
			case <-c:
				return true
			default:
				return false
			}
		}
		soon, releaseSoon := Closing(time.Hour)
		later, releaseLater := Closing(3 * time.Hour)
		never, releaseNever := Closing(0)
		time.Sleep(time.Hour + time.Second)
		if !isClosed(soon) || isClosed(later) || isClosed(never) {
			t.Error("after an hour, another channel than the first one is closed")
		}
		releaseSoon()
		releaseLater() // or synctest fails
		releaseNever()
	})
}
