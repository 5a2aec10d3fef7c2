package watch

import (
	"context"
	"time"
)

// Closing returns a channel that is closed after a time; 0 means never. release must be called
// when the channel is no longer needed; it may close it, too.
func Closing(after time.Duration) (closing <-chan struct{}, release func()) {
	if after == 0 {
		return nil, func() {}
	}
	ctx, cancel := context.WithTimeout(context.Background(), after)
	return ctx.Done(), cancel
}
