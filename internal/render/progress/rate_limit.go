package progress

import (
	"fmt"
	"time"
)

// RateLimitNotice returns a sentence about requests that wait for a rate limit.
func RateLimitNotice(wait time.Duration) string {
	return fmt.Sprintf("Waiting %s for the rate limit of the server.", (wait + time.Second - 1).Truncate(time.Second))
}
