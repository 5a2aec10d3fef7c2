package progress

import (
	"fmt"
	"time"
)

// RateLimitNotice says that nothing is sent for some time, and why.
func RateLimitNotice(wait time.Duration) string {
	return fmt.Sprintf("Waiting for %s: the rate limit of the server is used up.", (wait + time.Second - 1).Truncate(time.Second))
}
