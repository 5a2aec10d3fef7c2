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

// The kinds of trouble that can be ordered.
const (
	KindStatus      = "status"       // another status instead of the effect
	KindHTML        = "html"         // a page instead of the effect
	KindHang        = "hang"         // no answer and no effect
	KindResetBefore = "reset-before" // no effect, the connection is dropped
	KindResetAfter  = "reset-after"  // the effect, then the connection is dropped
	KindTruncate    = "truncate"     // the effect, then half of the answer
	KindRunnerFail  = "runner-fail"  // the transition that the call begins fails
)

var kinds = []string{
	KindStatus, KindHTML, KindHang, KindResetBefore, KindResetAfter, KindTruncate, KindRunnerFail,
}

// disruption is one order for trouble.
type Disruption struct {
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
type List struct{ Disruptions []*Disruption }

func NewList() *List { return &List{} }

func (f *List) Add(d *Disruption) {
	d.rng = rand.New(rand.NewPCG(d.Seed, d.Seed))
	f.Disruptions = append(f.Disruptions, d)
}

// take returns the trouble for a request, if any, and counts it.
func (f *List) Take(method, path string) *Disruption {
	return f.match(func(d *Disruption) bool {
		return d.Kind != KindRunnerFail && d.matches(method, path)
	})
}

// runnerFailure returns how the transition begun by a request is to fail.
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

// replacesEffect reports whether the trouble comes instead of the effect.
func (d *Disruption) ReplacesEffect() bool {
	switch d.Kind {
	case KindResetAfter, KindTruncate:
		return false
	}
	return true
}

// UnmarshalJSON refuses unknown kinds, so that a misspelt order does not go unnoticed.
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
