package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/watch/policy"
	"fleet/operator/internal/session"
)

// two is a fleet of two sandboxes.
const two = "version: 1\nname: web\nsandboxes: {web: {count: 2}}\n"

// TestApproval: an approval is used up only by a pass that applies a part of the plan, once
// it is certain that the plan is sent.
func TestApproval(t *testing.T) {
	one := strings.ReplaceAll(two, "2", "1")
	for name, test := range map[string]struct {
		mode    policy.Mode
		digest  string // "" is that of the plan
		readers bool   // the key may read only
		fails   bool   // the approval was withdrawn
		want    []string
		left    int // sandboxes
		shrinks bool
	}{
		"observed":            {mode: policy.Observe, want: []string{"plan"}, left: 2, shrinks: true},
		"held by the mode":    {mode: policy.Repair, want: []string{"plan"}, left: 2, shrinks: true},
		"enforced":            {mode: policy.Enforce, want: []string{"approved", "plan, runs"}, left: 1, shrinks: true},
		"of another plan":     {mode: policy.Enforce, digest: "sha256:1", want: []string{"plan"}, left: 2, shrinks: true},
		"withdrawn":           {mode: policy.Enforce, fails: true, want: []string{"approved"}, left: 2, shrinks: true},
		"needless":            {mode: policy.Enforce, want: []string{"approved", "plan, runs"}, left: 2},
		"needless, other one": {mode: policy.Enforce, digest: "sha256:1", want: []string{"plan, runs"}, left: 2},
		"refused":             {mode: policy.Enforce, readers: true, want: []string{"plan"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEmulator(t)
			s := newSessionOn(t, e, two, &session.Memory{})
			if test.shrinks {
				_, err := s.Pass(t.Context(), session.Order{Urgent: true})
				must(t, err)
				use(t, s, one)
			}
			observed, err := s.Pass(t.Context(), session.Order{Urgent: true, Policy: policy.Policy{Mode: policy.Observe}})
			must(t, err)
			if test.readers {
				restrict(t, e)
			}
			order := session.Order{Urgent: true, MaxAge: time.Hour, Policy: policy.Policy{Mode: test.mode}, Approve: observed.Digest}
			if test.digest != "" {
				order.Approve = test.digest
			}
			var got []string
			order.OnApproved = func(context.Context) error {
				got = append(got, "approved")
				if test.fails {
					return errors.New("withdrawn")
				}
				return nil
			}
			order.OnPlan = func(r *session.Result) {
				got = append(got, "plan"+map[bool]string{true: ", runs"}[r.Runs])
				if r.Digest != observed.Digest || r.Text == "" {
					t.Errorf("the plan is %+v", r)
				}
			}
			_, err = s.Pass(t.Context(), order)
			if session.IsRefused(err) != test.readers || (err != nil) != (test.readers || test.fails) {
				t.Errorf("the error is %v", err)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
			if n := strings.Count(list(e), `"state":`); n != test.left {
				t.Errorf("%d sandboxes are left, want %d", n, test.left)
			}
		})
	}
}

// restrict takes the permissions to write from the key.
func restrict(t *testing.T, e *emulator.Server) {
	t.Helper()
	body := `{"key": "k", "permissions": ["read:volumes", "read:snapshots", "read:sandboxes"]}`
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/_emulator/keys", strings.NewReader(body)))
	if rec.Code >= 300 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// list returns the sandboxes as the server lists them.
func list(e *emulator.Server) string {
	req := httptest.NewRequest(http.MethodGet, "/api/sandbox/paginated", nil)
	req.Header.Set("Authorization", "Bearer k")
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, req)
	return rec.Body.String()
}
