package stored

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/apply"
	"fleet/internal/journal"
	"fleet/internal/render"
	"fleet/internal/status"
	"fleet/plan"
	"fleet/spec"
)

var observed = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func step(key string, action plan.Action) *plan.Step {
	return &plan.Step{Address: spec.Address{Kind: spec.SandboxKind, Key: key}, Name: key, Action: action}
}

// examplePlan returns a plan with a step of each sort.
func examplePlan() *plan.Plan {
	changed := step("w[1]", plan.Update)
	changed.Changes = []plan.Change{{Attribute: "labels", Have: "a", Want: "b", HaveValue: spec.TextValue("a"), WantValue: spec.TextValue("b")}}
	blocked := step("kept", plan.Delete)
	blocked.Blocked = &plan.Block{Kind: plan.Protected, Reason: "it is \x1b[2Jprotected"}
	return &plan.Plan{
		Fleet: "demo", Environment: "production", Server: "local", ObservedAt: observed, Digest: "sha256:40c9a",
		Steps: []*plan.Step{step("w[0]", plan.NoOp), changed, step("w[2]", plan.Create), step("gone", plan.Delete), blocked},
	}
}

func document(t *testing.T, name string, write func(*strings.Builder) error) Document {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return Document{Name: name, Text: []byte(b.String())}
}

func planDocument(t *testing.T) Document {
	t.Helper()
	return document(t, "plan.json", func(b *strings.Builder) error { return render.PlanJSON(b, examplePlan()) })
}

func reportDocument(t *testing.T) Document {
	t.Helper()
	p := examplePlan()
	r := &apply.Report{Start: observed.Add(time.Minute), Duration: 3 * time.Second, Results: []apply.Result{
		{Step: p.Steps[1], Outcome: apply.Done, State: "started"},
		{Step: p.Steps[2], Outcome: apply.Failed, State: "error", Err: errors.New("no \x1b[2Jrunners")},
		{Step: p.Steps[3], Outcome: apply.Done},
		{Step: p.Steps[4], Outcome: apply.Skipped},
	}}
	r.RequestLog.Requests, r.RequestLog.RateLimited = 9, 1
	return document(t, "report.json", func(b *strings.Builder) error { return render.ReportJSON(b, p, r) })
}

func statusDocument(t *testing.T) Document {
	t.Helper()
	json, _ := render.FindFormat(render.JSONFormat)
	rows := []status.Row{{Address: "sandbox.w[0]", State: "stopped"}, {Address: "sandbox.w[2]", State: "error", Error: "out of \x1b[2Jdisk"}, {Kind: "sandbox", State: "started"}}
	return document(t, "status.json", func(b *strings.Builder) error { return json.Status(b, render.Status{Fleet: "demo", Rows: rows}) })
}

// lines returns the objects of a state, each in a line.
func lines(s journal.State) (list []string) {
	for _, o := range s.Objects {
		text := fmt.Sprintf("%s of %s: %s/%s %q", o.Address, o.Group, o.Desired, o.State, o.Drift)
		if o.Failed {
			text += " failed"
		}
		list = append(list, text)
	}
	return list
}

// Documents complete each other, in any order: the plan has what differs, the report what
// was done about it, the status the states.
func TestObjects(t *testing.T) {
	p, r, s := planDocument(t), reportDocument(t), statusDocument(t)
	for _, c := range []struct {
		documents []Document
		want      []string
	}{
		{[]Document{p}, []string{
			`sandbox.gone of sandbox.gone: /exists "- sandbox.gone delete"`,
			`sandbox.kept of sandbox.kept: /exists "- sandbox.kept delete (blocked: it is \\x1b[2Jprotected)"`,
			`sandbox.w[0] of sandbox.w: exists/exists ""`,
			`sandbox.w[1] of sandbox.w: exists/exists "~ sandbox.w[1] update (labels)"`,
			`sandbox.w[2] of sandbox.w: exists/ "+ sandbox.w[2] create"`,
		}},
		{[]Document{r}, []string{
			`sandbox.gone of sandbox.gone: / ""`,
			`sandbox.kept of sandbox.kept: / "delete: skipped"`,
			`sandbox.w[1] of sandbox.w: exists/started ""`,
			`sandbox.w[2] of sandbox.w: exists/error "create: failed" failed`,
		}},
		{[]Document{s}, []string{
			`sandbox.w[0] of sandbox.w: /stopped ""`,
			`sandbox.w[2] of sandbox.w: /error "out of \\x1b[2Jdisk" failed`,
		}},
		{[]Document{s, r, p}, []string{
			`sandbox.gone of sandbox.gone: / ""`,
			`sandbox.kept of sandbox.kept: /exists "delete: skipped"`,
			`sandbox.w[0] of sandbox.w: stopped/stopped ""`,
			`sandbox.w[1] of sandbox.w: exists/started ""`,
			`sandbox.w[2] of sandbox.w: exists/error "create: failed" failed`,
		}},
	} {
		state, err := State("1.0", c.documents)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, lines(state)); diff != "" {
			t.Errorf("%d documents, the first is %s:\n%s", len(c.documents), c.documents[0].Name, diff)
		}
	}
}

// The steps have their outcome, and the pass its counts.
func TestRun(t *testing.T) {
	state, err := State("1.0", []Document{reportDocument(t), planDocument(t)})
	if err != nil {
		t.Fatal(err)
	}
	head := journal.Head{Fleet: "demo", Environment: "production", Server: "local", Version: "1.0"}
	pass := journal.Pass{
		Number: 1, Cause: "Run", Start: observed.Add(time.Minute), End: observed.Add(time.Minute + 3*time.Second), Outcome: journal.Failed,
		Drift: 4, Done: 2, Failed: 1, Requests: 9, Limited: 1,
	}
	if diff := cmp.Diff(head, state.Head) + cmp.Diff([]journal.Pass{pass}, state.Passes); diff != "" {
		t.Error(diff)
	}
	want := []journal.Step{
		{Address: "sandbox.w[1]", Action: "update", Phase: "done"},
		{Address: "sandbox.w[2]", Action: "create", Phase: "failed", Text: `no \x1b[2Jrunners`},
		{Address: "sandbox.gone", Action: "delete", Phase: "done"},
		{Address: "sandbox.kept", Action: "delete", Phase: "skipped", Text: `blocked (protected): it is \x1b[2Jprotected`},
	}
	if diff := cmp.Diff(want, state.Plan.Steps); diff != "" {
		t.Error(diff)
	}
	if state.Plan.Digest != "sha256:40c9a" || !strings.Contains(state.Plan.Text, "~ sandbox.w[1]") || strings.Contains(state.Plan.Text, "\x1b") {
		t.Errorf("the plan is %q", state.Plan.Text)
	}
}

// TestVersionsOfPlans: the page shows the changes of a plan of any version that fleet
// knows.
func TestVersionsOfPlans(t *testing.T) {
	values := planDocument(t)
	earlier, _ := render.FindFormat("json@1")
	texts := document(t, "plan.json", func(b *strings.Builder) error {
		return earlier.Plan(b, &render.Document{Plan: examplePlan()})
	})
	list := Document{"plan.json", []byte(strings.Replace(string(values.Text), `"want": "b"`, `"want": {"team": "b", "x": "\u001b[2J"}`, 1))}
	for name, tt := range map[string]struct {
		document Document
		want     string
	}{
		"values":  {values, "      labels  a -> b\n"},
		"texts":   {texts, "      labels  a -> b\n"},
		"mapping": {list, `      labels  a -> {team=b x=\x1b[2J}` + "\n"},
	} {
		state, err := State("1.0", []Document{tt.document})
		if err != nil || !strings.Contains(state.Plan.Text, tt.want) {
			t.Errorf("%s: %v, the plan is %+v", name, err, state.Plan)
		}
	}
	newer := Document{"plan.json", []byte(strings.Replace(string(values.Text), `"version": 2`, `"version": 3`, 1))}
	if _, err := State("1.0", []Document{newer}); err == nil || !strings.Contains(err.Error(), "it has version 3, and this version of fleet reads 2") {
		t.Errorf("a newer plan: %v", err)
	}
}

// A run without a plan has the reason in its pass.
func TestRunWithoutPlan(t *testing.T) {
	d := document(t, "report.json", func(b *strings.Builder) error {
		return render.NoPlanReportJSON(b, &plan.Plan{Fleet: "demo"}, observed, errors.New("no answer"))
	})
	state, err := State("1.0", []Document{d})
	if err != nil || state.Passes[0].Outcome != journal.Failed || state.Passes[0].Reason != "no answer" {
		t.Errorf("%+v %v", state.Passes, err)
	}
}

// A saved plan is checked as everywhere.
func TestSavedPlan(t *testing.T) {
	f := &spec.Fleet{}
	saved := examplePlan().ToSaved(f, plan.Origin{Spec: plan.SavedSpec{Environment: "production"}})
	text, err := saved.Encode()
	if err != nil {
		t.Fatal(err)
	}
	state, err := State("1.0", []Document{{"saved.json", text}})
	if err != nil || state.Plan.Digest != saved.Digest || len(state.Plan.Steps) != 4 {
		t.Errorf("%+v %v", state.Plan, err)
	}
	_, err = State("1.0", []Document{{"saved.json", []byte(strings.Replace(string(text), "w[2]", "w[3]", 1))}})
	if !errors.Is(err, plan.ErrEdited) {
		t.Errorf("an edited plan: %v", err)
	}
}

func TestErrors(t *testing.T) {
	p, r := planDocument(t), reportDocument(t)
	other := Document{"other.json", []byte(`{"version": 1, "fleet": "other", "objects": []}`)}
	for _, c := range []struct {
		documents []Document
		want      string
	}{
		{[]Document{{"a", []byte("x")}, {"b", []byte("{}")}}, "a: it is not JSON that fleet has written: invalid character 'x' looking for beginning of value\n" +
			"b: it is not a report, a plan or a status; write one with --report FILE, or with fleet plan -o json or fleet status -o json"},
		{[]Document{p, r, p}, "plan.json and plan.json: each is a plan; name one of them"},
		{[]Document{p, other}, "other.json: it is about the fleet other, and the other files are about demo"},
		{
			[]Document{{"p", []byte(`{"version": 1, "steps": [null]}`)}, {"q", []byte(`{"version": 1, "steps": [{"address": "sandbox.a"}]}`)}},
			"p: it is not a plan of fleet: step 1 has no address or no action\nq: it is not a plan of fleet: step 1 has no address or no action",
		},
		{[]Document{{"new", []byte(`{"version": 2, "results": []}`)}}, "new: it is not a report of fleet: a report of version 2, but this fleet reads only version 1; use a newer fleet"},
	} {
		if _, err := State("1.0", c.documents); err == nil || err.Error() != c.want {
			t.Errorf("%v", err)
		}
	}
}

// FuzzState checks that no document makes the conversion panic, or leaves control
// characters in texts.
func FuzzState(f *testing.F) {
	t := new(testing.T)
	for _, d := range []Document{planDocument(t), reportDocument(t), statusDocument(t)} {
		f.Add(d.Text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		state, err := State("1.0", []Document{{"f", text}})
		if err != nil {
			return
		}
		if all := fmt.Sprintf("%+v %+v", state, state.Plan); strings.ContainsAny(all, "\x1b\x00\u202e") {
			t.Errorf("raw text: %q", all)
		}
	})
}
