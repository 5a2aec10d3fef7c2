package render

import (
	"fmt"
	"time"
)

// LimitedFor says that nothing is sent for some time, and why.
func LimitedFor(wait time.Duration) string {
	return fmt.Sprintf("Waiting for %s: the rate limit of the server is used up.", (wait + time.Second - 1).Truncate(time.Second))
}
