package telemetry

import (
	"errors"
	"regexp"
	"sync"
)

var errCollectorTimeout = errors.New("the collector did not answer in time")

// exportErrors keep the first of all that goes wrong with exports: an unreachable
// collector is told once.
type exportErrors struct {
	mu  sync.Mutex
	err error
}

// Handle takes an error; it is how OpenTelemetry hands over its own.
func (f *exportErrors) Handle(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// userinfo is where a URL holds a password.
var userinfo = regexp.MustCompile(`//[^/@\s]*@`)

const maxErrorLength = 300 // characters of a fault: it may repeat a page of the collector's

func (f *exportErrors) first() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		return nil
	}
	text := []rune(userinfo.ReplaceAllString(f.err.Error(), "//"))
	if len(text) > maxErrorLength {
		text = append(text[:maxErrorLength], '.', '.', '.')
	}
	return errors.New(string(text))
}
