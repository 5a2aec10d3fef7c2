package admission

import (
	"errors"
	"testing"

	"fleet/client"
)

// refused returns the error of a request that the server refused.
func refused(class client.ErrorClass) error { return &client.Error{Class: class, Message: "no"} }

// TestRefusalDuringTheRunByClass checks for all that a server may refuse whether it
// concerns the organization, and whether the same content would be refused again.
func TestRefusalDuringTheRunByClass(t *testing.T) {
	for class, want := range map[client.ErrorClass]struct{ organizational, again bool }{
		client.BadRequest: {false, true}, client.NotFound: {false, true}, client.IllegalState: {false, true}, client.NotSupported: {false, true},
		client.FailedToStart: {false, true}, client.TooBig: {false, true},
		client.QuotaExceeded: {true, true}, client.NoCapacity: {true, true}, client.Suspended: {true, true}, client.Forbidden: {true, true}, client.Maintenance: {true, true},
		client.ServerError: {}, client.Unreachable: {}, client.RateLimited: {}, client.NameTaken: {}, client.Busy: {}, client.InTransition: {}, client.InUse: {},
		client.NotDaytona: {}, client.NotJSON: {}, client.TimedOut: {}, client.Unauthorized: {},
	} {
		if got := organizational(refused(class)); got != want.organizational {
			t.Errorf("%s: about the organization: %t", class, got)
		}
		if got := wouldRecur(refused(class)); got != want.again {
			t.Errorf("%s: refused again: %t", class, got)
		}
	}
	if err := errors.New("x"); organizational(err) || wouldRecur(err) {
		t.Error("an error that is no refusal is taken for one")
	}
}

// TestRefusalDuringTheRunWithTheSameCause checks which failures differ by their message,
// and which are the same for all messages.
func TestRefusalDuringTheRunWithTheSameCause(t *testing.T) {
	for class, same := range map[client.ErrorClass]bool{
		client.ServerError: true, client.Unreachable: true, client.NotJSON: true, client.NotDaytona: true, client.RateLimited: true,
		client.BadRequest: false, client.NotFound: false, client.FailedToStart: false,
	} {
		one, other := refusalKey(&client.Error{Class: class, Message: "a"}), refusalKey(&client.Error{Class: class, Message: "b"})
		if (one == other) != same {
			t.Errorf("%s: %q and %q", class, one, other)
		}
	}
	if refusalKey(errors.New("a")) == refusalKey(errors.New("b")) {
		t.Error("all errors have the same cause")
	}
	if refusalKey(refused(client.ServerError)) == refusalKey(refused(client.Unreachable)) {
		t.Error("all classes have the same cause")
	}
}

// TestTrialThatLosesNothingByCreation checks which refusals of a creation do not concern
// the replacements of the same request.
func TestTrialThatLosesNothingByCreation(t *testing.T) {
	same, larger := Candidate{}, Candidate{IncreasesUsage: true}
	for name, c := range map[string]struct {
		end     TrialEnd
		members []Candidate
		failure error
		want    bool
	}{
		"no quota":                     {TrialEnd{Err: refused(client.QuotaExceeded)}, []Candidate{same}, nil, true},
		"no capacity":                  {TrialEnd{Err: refused(client.NoCapacity)}, []Candidate{same}, nil, true},
		"no quota for a larger one":    {TrialEnd{Err: refused(client.QuotaExceeded)}, []Candidate{same, larger}, nil, false},
		"no capacity for a larger one": {TrialEnd{Err: refused(client.NoCapacity)}, []Candidate{larger}, nil, false},
		"its name is taken":            {TrialEnd{Err: errors.New("x"), NameTaken: true}, []Candidate{larger}, nil, true},
		"another refusal":              {TrialEnd{Err: refused(client.BadRequest)}, []Candidate{same}, nil, false},
		"of a replacement":             {TrialEnd{Err: refused(client.QuotaExceeded), Risky: true}, []Candidate{same}, nil, false},
		"after the trial failed":       {TrialEnd{Err: refused(client.QuotaExceeded)}, []Candidate{same}, errors.New("x"), false},
	} {
		tr := &trial{members: c.members, failure: c.failure}
		if got := tr.failedHarmlessly(c.end); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestTrialConcernsItsRegion checks that a shortage in one region is none in another,
// and that all other refusals concern all regions.
func TestTrialConcernsItsRegion(t *testing.T) {
	for name, c := range map[string]struct {
		class       client.ErrorClass
		here, there string
		want        bool
	}{
		"quota, the same region":      {client.QuotaExceeded, "r1", "r1", true},
		"quota, another region":       {client.QuotaExceeded, "r1", "r2", false},
		"capacity, another region":    {client.NoCapacity, "r1", "r2", false},
		"suspended, another region":   {client.Suspended, "r1", "r2", true},
		"quota, this one is unknown":  {client.QuotaExceeded, "", "r2", true},
		"quota, the other is unknown": {client.QuotaExceeded, "r2", "", true},
	} {
		if got := affects(TrialEnd{Err: refused(c.class), Region: c.here}, &trial{members: []Candidate{{Region: c.there}}}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
