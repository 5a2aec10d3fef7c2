package render

import (
	"strings"
	"testing"

	"fleet/internal/redact"
	"fleet/plan"
)

// TestRedactedValues: no JSON of a redacted plan has a secret, wherever in the values it
// is, and the plan that was given is not changed.
func TestRedactedValues(t *testing.T) {
	const secret = "s3cret-value"
	p := plural(with(step("web", plan.Update), changes(
		valued(plan.Change{Attribute: "labels", Have: "{a=x}", Want: "{a=" + secret + "}"}, `{"a": "x"}`, `{"a": "s3cret-value"}`),
		valued(plan.Change{Attribute: "labels", Have: "{}", Want: "{}"}, `{"s3cret-value": "x"}`, `["s3cret-value", {"b": "s3cret-value!"}]`),
		valued(plan.Change{Attribute: "public", Have: "true", Want: "false"}, `true`, `false`),
		valued(plan.Change{Attribute: "ttl_minutes", Have: "1", Want: "98765432"}, ``, `98765432`),
	)))
	shown := RedactedPlan(p, redact.New([]string{secret, "98765432"}))
	for _, name := range []string{"json", "json@1"} {
		f, _ := FindFormat(name)
		for column, write := range map[string]Writer[*Document]{"plan": f.Plan, "show": f.Show, "drift": f.Drift, "gc": f.GC} {
			var b strings.Builder
			if err := write(&b, &Document{Plan: shown}); err != nil {
				t.Fatal(err)
			}
			if text := b.String(); strings.Contains(text, secret) || strings.Contains(text, "98765432") || !strings.Contains(text, redact.Placeholder) {
				t.Errorf("%s of %s:\n%s", name, column, text)
			}
		}
	}
	for i, want := range []bool{true, true, false, true} {
		same(t, "sensitive", shown.Steps[0].Changes[i].Sensitive, want)
		same(t, "sensitive in the plan", p.Steps[0].Changes[i].Sensitive, false)
	}
	same(t, "the plan", p.Steps[0].Changes[0].WantValue.String(), `{"a":"s3cret-value"}`)
}
