package session

import (
	"errors"
	"strings"
	"testing"

	"fleet/apply"
	"fleet/internal/redact"
	"fleet/plan"
	"fleet/spec"
)

// TestForeignTexts: what a server, or another user of it, wrote is escaped in all texts of a
// result, and sensitive values are hidden, also those with characters that are escaped.
func TestForeignTexts(t *testing.T) {
	const secret = "pass\tw0rd\x07-s3ntinel"
	secrets := redact.New([]string{secret})
	step := &plan.Step{
		Address: spec.Address{Kind: spec.SandboxKind, Key: "a\x1b[2J" + secret}, Action: plan.Delete,
		Have:    &plan.Object{Name: "a", State: "st\x1bopped"},
		Blocked: &plan.Block{Kind: plan.Protected, Reason: "\x1b]0;x\x07" + secret, Unblock: secret + "\x9b"},
	}
	p := &plan.Plan{Steps: []*plan.Step{step}}
	var r Result
	r.describe(p, secrets)
	r.wait(p, secrets)
	r.record(&apply.Report{Results: []apply.Result{{Step: step, Outcome: apply.Failed, Err: errors.New("refused: \x1b[31m" + secret)}}}, secrets)
	r.count(p, nil)
	if len(r.Waiting) != 1 || len(r.Failures) != 1 || len(r.Objects) != 1 || r.Text == "" {
		t.Fatalf("the result is %+v", r)
	}
	texts := []string{r.Summary, r.Text, r.Waiting[0].Address, r.Waiting[0].Reason, r.Waiting[0].Unblock, r.Failures[0].Address, r.Failures[0].Text, r.Objects[0].State}
	for _, text := range texts {
		if strings.ContainsAny(text, "\x1b\x07\u009b") || strings.Contains(text, "s3ntinel") {
			t.Errorf("shown: %q", text)
		}
	}
}
