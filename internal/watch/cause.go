package watch

import (
	"slices"
	"strings"
)

// A Kind is what sort of thing triggers a pass.
type Kind string

// The kinds of causes.
const (
	Start      Kind = "start"
	FileChange Kind = "file change"
	Interval   Kind = "interval"
	Signal     Kind = "signal"
	Request    Kind = "request"
	Push       Kind = "platform event"
	Again      Kind = "retry" // of what had to wait
)

// A Cause is why a pass is made.
type Cause struct {
	Kind   Kind
	Detail string // what exactly, such as the file that changed; escaped and free of secrets; may be empty
}

// String returns the cause as a text, such as "file change: fleet.yaml".
func (c Cause) String() string {
	if c.Detail == "" {
		return string(c.Kind)
	}
	return string(c.Kind) + ": " + c.Detail
}

// maxCauses is how many causes of one pass are kept. More of them are dropped.
const maxCauses = 20

// Causes are the causes of one pass, each once, the oldest first.
type Causes []Cause

// String returns the causes as a text, such as "interval; file change: fleet.yaml".
func (cs Causes) String() string {
	texts := make([]string, len(cs))
	for i, c := range cs {
		texts[i] = c.String()
	}
	return strings.Join(texts, "; ")
}

// Has reports whether one of the causes has a kind.
func (cs Causes) Has(k Kind) bool {
	return slices.ContainsFunc(cs, func(c Cause) bool { return c.Kind == k })
}

// add adds a cause. Beyond the maximum, it adds only the first one of a kind.
func (cs Causes) add(c Cause) Causes {
	if slices.Contains(cs, c) || len(cs) >= maxCauses && cs.Has(c.Kind) {
		return cs
	}
	return append(cs, c)
}

// Requests is a trigger for passes that users and programs request. It must be made
// by [NewRequests].
type Requests struct{ causes chan Cause }

// NewRequests returns a trigger without requests.
func NewRequests() *Requests { return &Requests{make(chan Cause, 1)} }

// Ask requests a pass. by is the source of the request, such as "page". Ask never
// blocks: it does nothing if another request is still waiting. It may be called by any
// goroutine.
func (r *Requests) Ask(by string) {
	select {
	case r.causes <- Cause{Kind: Request, Detail: by}:
	default:
	}
}

// Causes returns the trigger.
func (r *Requests) Causes() <-chan Cause { return r.causes }
