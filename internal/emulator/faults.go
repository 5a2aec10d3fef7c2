package emulator

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"

	"fleet/internal/emulator/world"
)

// The kinds of trouble that can be ordered.
const (
	faultStatus      = "status"       // another status instead of the effect
	faultHTML        = "html"         // a page instead of the effect
	faultHang        = "hang"         // no answer and no effect
	faultResetBefore = "reset-before" // no effect, the connection is dropped
	faultResetAfter  = "reset-after"  // the effect, then the connection is dropped
	faultTruncate    = "truncate"     // the effect, then half of the answer
	faultRunnerFail  = "runner-fail"  // the transition that the call begins fails
)

var faultKinds = []string{
	faultStatus, faultHTML, faultHang, faultResetBefore, faultResetAfter, faultTruncate, faultRunnerFail,
}

// disruption is one order for trouble.
type disruption struct {
	// Method of the requests; empty is any.
	Method string `json:"method"`
	// Path below /api: a prefix, or with * ? [ a pattern of path.Match. Empty is any,
	// but for runner-fail, which then strikes creates of sandboxes.
	Path string `json:"path"`
	// Count of requests to strike; 0 is until cleared.
	Count       int               `json:"count"`
	Kind        string            `json:"kind"`
	Status      int               `json:"status"`
	Message     string            `json:"message"`
	Headers     map[string]string `json:"headers"`
	Recoverable bool              `json:"recoverable"`
	// Rate is the part of the matching requests that is struck, drawn from Seed.
	Rate *float64 `json:"rate"`
	Seed uint64   `json:"seed"`

	rng *rand.Rand
}

// faults is what was ordered, in order; the first that matches strikes.
type faults struct{ disruptions []*disruption }

func newFaults() *faults { return &faults{} }

func (f *faults) add(d *disruption) {
	d.rng = rand.New(rand.NewPCG(d.Seed, d.Seed))
	f.disruptions = append(f.disruptions, d)
}

// take returns the trouble for a request, if any, and counts it.
func (f *faults) take(method, path string) *disruption {
	return f.match(func(d *disruption) bool {
		return d.Kind != faultRunnerFail && d.matches(method, path)
	})
}

// runnerFailure returns how the transition begun by a request is to fail.
func (f *faults) runnerFailure(method, path string) *world.Failure {
	d := f.match(func(d *disruption) bool {
		if d.Kind != faultRunnerFail {
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

func (f *faults) match(fits func(*disruption) bool) *disruption {
	for i, d := range f.disruptions {
		if !fits(d) || d.Rate != nil && d.rng.Float64() >= *d.Rate {
			continue
		}
		if d.Count > 0 {
			d.Count--
			if d.Count == 0 {
				f.disruptions = append(f.disruptions[:i:i], f.disruptions[i+1:]...)
			}
		}
		return d
	}
	return nil
}

func (d *disruption) matches(method, requested string) bool {
	if d.Method != "" && !strings.EqualFold(d.Method, method) {
		return false
	}
	if strings.ContainsAny(d.Path, "*?[") {
		ok, err := path.Match(d.Path, requested)
		return ok && err == nil
	}
	return strings.HasPrefix(requested, d.Path)
}

// replacesEffect reports whether the trouble comes instead of the effect.
func (d *disruption) replacesEffect() bool {
	switch d.Kind {
	case faultResetAfter, faultTruncate:
		return false
	}
	return true
}

// UnmarshalJSON refuses unknown kinds, so that a misspelt order does not go unnoticed.
func (d *disruption) UnmarshalJSON(b []byte) error {
	type plain disruption
	if err := json.Unmarshal(b, (*plain)(d)); err != nil {
		return err
	}
	if !slices.Contains(faultKinds, d.Kind) {
		return world.BadRequest("unknown kind %q: use one of %s", d.Kind, strings.Join(faultKinds, ", "))
	}
	return nil
}
