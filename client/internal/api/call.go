package api

import (
	"context"
	"strings"
)

// An Attempt identifies one attempt at a call for those who observe requests. It
// holds no name, id or value of an object.
type Attempt struct {
	Route  string    // the path below the base URL with placeholders, such as /sandbox/{id}/autostop/{value}
	Class  RateClass // the counter that the request is sent under
	Number int       // of the attempt at the call, from 1
}

// AttemptFromContext returns the attempt that a request with this context is. The
// Route is empty if the request is not a call of the client.
func AttemptFromContext(ctx context.Context) Attempt {
	c, _ := ctx.Value(callKey{}).(Call)
	return Attempt{Route: c.template(), Class: RouteFromContext(ctx).Class, Number: AttemptNumber(ctx)}
}

// AttemptNumber returns the number of the attempt that a request with this context
// is, from 1.
func AttemptNumber(ctx context.Context) int {
	if number, ok := ctx.Value(attemptKey{}).(int); ok {
		return number
	}
	return 1
}

type attemptKey struct{}

// WithAttempt returns a context that carries the number of an attempt. The first
// attempt needs no value: most calls have no other, and should not pay for one.
func WithAttempt(ctx context.Context, number int) context.Context {
	if number == 1 {
		return ctx
	}
	return context.WithValue(ctx, attemptKey{}, number)
}

// A Call is what the context of a request carries for the transport chain.
type Call struct {
	Route
	Path []string // elements below the base URL, not escaped
}

type callKey struct{}

// WithCall returns a context for the requests of a call.
func WithCall(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// RouteFromContext returns the route of the request that has this context. A request
// that is not a call of the client is not repeated.
func RouteFromContext(ctx context.Context) Route {
	if c, ok := ctx.Value(callKey{}).(Call); ok {
		return c.Route
	}
	return Route{Class: RateGeneral, NonIdempotent: true}
}

// The path templates of requests that do not go to the API.
const (
	storageTemplate = "/{bucket}/{organization}/{hash}/context.tar"
	toolboxTemplate = "/toolbox/{id}/"
	previewTemplate = "/preview/{port}/{path}"
)

// twoWordPaths are the paths that begin with two words of the API.
var twoWordPaths = map[string]bool{"api-keys/current": true, "object-storage/push-access": true, "volumes/by-name": true}

// template returns the path with a placeholder for each element that names or sets
// something. In paths of the API, words and values alternate; an element that does
// not look like a word is never shown.
func (c Call) template() string {
	switch c.Class {
	case RateStorage:
		return storageTemplate
	case RateToolbox:
		return toolboxTemplate + strings.Join(c.Path, "/")
	case RatePreview:
		return previewTemplate
	default:
	}
	var text strings.Builder
	word, placeholder := true, "{id}"
	for i, element := range c.Path {
		text.WriteByte('/')
		if word && isWord(element) {
			text.WriteString(element)
		} else {
			text.WriteString(placeholder)
			placeholder = "{value}"
		}
		word = !word || i == 0 && len(c.Path) > 1 && twoWordPaths[element+"/"+c.Path[1]]
	}
	return text.String()
}

func isWord(element string) bool {
	return strings.Trim(element, "abcdefghijklmnopqrstuvwxyz-") == ""
}
