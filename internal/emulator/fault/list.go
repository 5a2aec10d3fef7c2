package fault

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"

	"fleet/internal/emulator/world"
)

// The kinds of faults.
const (
	KindStatus      = "status"       // returns another status and has no effect
	KindHTML        = "html"         // returns an HTML page and has no effect
	KindHang        = "hang"         // does not respond and has no effect
	KindResetBefore = "reset-before" // closes the connection and has no effect
	KindResetAfter  = "reset-after"  // has its effect, then the connection is closed
	KindResetUpload = "reset-upload" // closes the connection after a part of the body, and has no effect
	KindTruncate    = "truncate"     // has its effect, then half of the response is sent
	KindRunnerFail  = "runner-fail"  // the transition that the request starts fails
)

var kinds = []string{
	KindStatus, KindHTML, KindHang, KindResetBefore, KindResetUpload, KindResetAfter, KindTruncate, KindRunnerFail,
}

// Disruption is a fault of requests.
type Disruption struct {
	// Method is the method of the requests; empty means any.
	Method string `json:"method"`
	// Path is below /api: a prefix, or with * ? [ a pattern of path.Match. Empty means
	// any; for runner-fail it means the creations of sandboxes. A path that begins with
	// StoragePath is one of the object storage, with its query.
	Path string `json:"path"`
	// Count is the number of requests to disrupt; 0 means unlimited.
	Count       int               `json:"count"`
	Kind        string            `json:"kind"`
	Status      int               `json:"status"`
	Message     string            `json:"message"`
	Headers     map[string]string `json:"headers"`
	Recoverable bool              `json:"recoverable"`
	// Code is the code of an error of the object storage; empty means that of the status.
	Code string `json:"code"`
	// Bytes is the length of the part of the body that reset-upload reads.
	Bytes int64 `json:"bytes"`
	// Rate is the fraction of matching requests to disrupt, drawn with Seed; nil means
	// all.
	Rate *float64 `json:"rate"`
	Seed uint64   `json:"seed"`

	rng *rand.Rand
}

// List contains the active faults; the first one that matches a request applies.
type List struct{ Disruptions []*Disruption }

// NewList returns an empty List.
func NewList() *List { return &List{} }

// Add activates a fault.
func (f *List) Add(d *Disruption) {
	d.rng = rand.New(rand.NewPCG(d.Seed, d.Seed))
	f.Disruptions = append(f.Disruptions, d)
}

// StoragePath begins the paths of the object storage.
const StoragePath = "/s3"

// TakeStorage is Take for a request to the object storage. Faults of any path are for
// the API only.
func (f *List) TakeStorage(method, path string) *Disruption {
	return f.match(func(d *Disruption) bool {
		return d.Kind != KindRunnerFail && strings.HasPrefix(d.Path, StoragePath) && d.matches(method, path)
	})
}

// Take returns the fault of a request to the API and counts it; nil if there is none.
func (f *List) Take(method, path string) *Disruption {
	return f.match(func(d *Disruption) bool {
		return d.Kind != KindRunnerFail && d.matches(method, path)
	})
}

// eventsPath begins the path of the connections for events.
const eventsPath = "/socket.io"

// TakeEvents is Take for a connection for events. Faults of any path do not concern it.
func (f *List) TakeEvents(method, path string) *Disruption {
	return f.match(func(d *Disruption) bool {
		return d.Kind != KindRunnerFail && strings.HasPrefix(d.Path, eventsPath) && d.matches(method, path)
	})
}

// RunnerFailure returns how the transition that a request starts is going to fail; nil
// if it succeeds.
func (f *List) RunnerFailure(method, path string) *world.Failure {
	d := f.match(func(d *Disruption) bool {
		if d.Kind != KindRunnerFail {
			return false
		}
		if d.Path == "" {
			return method == http.MethodPost && path == "/sandbox"
		}
		return d.matches(method, path)
	})
	if d == nil {
		return nil
	}
	if d.Message == "" {
		return &world.Failure{Reason: "runner failed", Recoverable: d.Recoverable}
	}
	return &world.Failure{Reason: d.Message, Recoverable: d.Recoverable}
}

// match returns the first fault that fits, and removes it once its count is used up.
func (f *List) match(fits func(*Disruption) bool) *Disruption {
	for i, d := range f.Disruptions {
		if !fits(d) || d.Rate != nil && d.rng.Float64() >= *d.Rate {
			continue
		}
		if d.Count > 0 {
			d.Count--
			if d.Count == 0 {
				f.Disruptions = append(f.Disruptions[:i:i], f.Disruptions[i+1:]...)
			}
		}
		return d
	}
	return nil
}

// matches reports whether the fault is for this request.
func (d *Disruption) matches(method, requested string) bool {
	if d.Method != "" && !strings.EqualFold(d.Method, method) {
		return false
	}
	if strings.ContainsAny(d.Path, "*?[") {
		ok, err := path.Match(d.Path, requested)
		return ok && err == nil
	}
	return strings.HasPrefix(requested, d.Path)
}

// ReplacesEffect reports whether the request has no effect.
func (d *Disruption) ReplacesEffect() bool {
	switch d.Kind {
	case KindResetAfter, KindTruncate:
		return false
	}
	return true
}

// UnmarshalJSON returns an error for an unknown kind.
func (d *Disruption) UnmarshalJSON(b []byte) error {
	type plain Disruption
	if err := json.Unmarshal(b, (*plain)(d)); err != nil {
		return err
	}
	if !slices.Contains(kinds, d.Kind) {
		return world.BadRequest("unknown kind %q: use one of %s", d.Kind, strings.Join(kinds, ", "))
	}
	return nil
}
