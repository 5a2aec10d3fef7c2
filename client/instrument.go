package client

import (
	"context"
	"net/http"
	"strings"
)

// An Attempt is what those who observe requests may know of one. Nothing in it
// names or describes an object.
type Attempt struct {
	Route  string    // the path below the base URL with placeholders, such as /sandbox/{id}/autostop/{value}
	Class  RateClass // the counter it is sent under
	Number int       // of the attempt at the call, from 1
}

// AttemptFromContext tells which attempt at which call a request with this context is.
// Of a request that is no call of this package it gives an empty Route.
func AttemptFromContext(ctx context.Context) Attempt {
	c, _ := ctx.Value(callKey{}).(call)
	return Attempt{Route: c.route(), Class: routeFromContext(ctx).Class, Number: attemptFromContext(ctx)}
}

// attemptFromContext is the number of the attempt that a request with this context is.
func attemptFromContext(ctx context.Context) int {
	if number, ok := ctx.Value(attemptKey{}).(int); ok {
		return number
	}
	return 1
}

// instrumented is the transport as the caller observes it.
func (c *Client) instrumented(rt http.RoundTripper) http.RoundTripper {
	if c.config.Instrument == nil {
		return rt
	}
	return c.config.Instrument(rt)
}

type attemptKey struct{}

// contextWithAttempt counts attempts. The first carries no number: it is the usual
// one, and is to cost nothing.
func contextWithAttempt(ctx context.Context, number int) context.Context {
	if number == 1 {
		return ctx
	}
	return context.WithValue(ctx, attemptKey{}, number)
}

// call is what the context of a request holds of the call that it is for.
type call struct {
	Route
	path []string
}

type callKey struct{}

func contextWithCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// routeFromContext is the operation of a request; one that is no call of the API is
// not repeated.
func routeFromContext(ctx context.Context) Route {
	if c, ok := ctx.Value(callKey{}).(call); ok {
		return c.Route
	}
	return Route{Class: RateGeneral, NonIdempotent: true}
}

// twoWordPaths are the paths in which a second word of the API follows the first.
var twoWordPaths = map[string]bool{"api-keys/current": true, "object-storage/push-access": true, "volumes/by-name": true}

// route is the path with placeholders for all that names or sets something.
// In paths, words of the API and values take turns; whatever does not look
// like a word is none.
func (c call) route() string {
	switch c.Class {
	case RateStorage:
		return storageRoute
	case RateToolbox:
		return toolboxRoute + strings.Join(c.path, "/")
	case RatePreview:
		return previewRoute
	default:
	}
	var route strings.Builder
	word, placeholder := true, "{id}"
	for i, element := range c.path {
		route.WriteByte('/')
		switch {
		case word && isWord(element):
			route.WriteString(element)
		default:
			route.WriteString(placeholder)
			placeholder = "{value}"
		}
		word = !word || i == 0 && len(c.path) > 1 && twoWordPaths[element+"/"+c.path[1]]
	}
	return route.String()
}

func isWord(element string) bool {
	return strings.Trim(element, "abcdefghijklmnopqrstuvwxyz-") == ""
}
