package transport

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAttemptBody checks that a whole body is read, buffered or not.
func TestAttemptBody(t *testing.T) {
	if got := string(ReadBody(strings.NewReader("text"))); got != "text" {
		t.Errorf("got %q", got)
	}
	if got := string(ReadBody(bufferedBody{data: []byte("text")})); got != "text" {
		t.Errorf("got %q of what was read", got)
	}
}

// TestAttemptTimeout checks that an attempt without a response looks like a timeout of
// the network.
func TestAttemptTimeout(t *testing.T) {
	late, ok := errors.AsType[net.Error](error(timeoutError(time.Second)))
	if !ok || !late.Timeout() {
		t.Errorf("%v is no timeout", late)
	}
	if temporary, ok := late.(interface{ Temporary() bool }); !ok || !temporary.Temporary() {
		t.Errorf("%v is permanent", late)
	}
	if !errors.Is(late, ErrTimeout) || errors.Is(late, context.DeadlineExceeded) {
		t.Errorf("%v is another error", late)
	}
}
