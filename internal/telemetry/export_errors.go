package telemetry

import (
	"errors"
	"regexp"
	"sync"
)

var errCollectorTimeout = errors.New("timed out waiting for the collector")

// exportErrors keeps the first error of exports, so that an unreachable collector
// is reported once. It may be used concurrently.
type exportErrors struct {
	mu  sync.Mutex
	err error
}

// Handle records an error. OpenTelemetry calls it for its own errors.
func (f *exportErrors) Handle(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// userinfo matches the part of a URL that may hold a password.
var userinfo = regexp.MustCompile(`//[^/@\s]*@`)

// speaksFirst matches the errors of package net/http for a server of gRPC: its first bytes
// are no response, or come before the request was sent.
var speaksFirst = regexp.MustCompile(`malformed HTTP response|readLoopPeekFailLocked`)

const maxErrorLength = 300 // characters; an error may contain a page that the collector returned

// first returns the first error without credentials, or nil.
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
	if speaksFirst.MatchString(f.err.Error()) {
		text = append(text, []rune("; the port may be that of gRPC: use the HTTP port of the collector, usually 4318")...)
	}
	return errors.New(string(text))
}
