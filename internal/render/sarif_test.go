package render

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fleet/internal/render/ci"
	"fleet/plan"
	"fleet/spec"
)

// A sarifSchemaOf is a compiled schema of SARIF.
type sarifSchemaOf struct{ *jsonschema.Schema }

// officialSARIF returns the schema that OASIS publishes for SARIF 2.1.0. Formats,
// such as that of URIs, are checked too.
func officialSARIF(t testing.TB) sarifSchemaOf {
	t.Helper()
	const file = "testdata/sarif-schema-2.1.0.json"
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(file, doc); err != nil {
		t.Fatal(err)
	}
	return sarifSchemaOf{c.MustCompile(file)}
}

// check returns an error if a log is not valid.
func (s sarifSchemaOf) check(text string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestSARIF(t *testing.T) {
	official := officialSARIF(t)
	text := written(t, func(w io.Writer) error {
		return PlanSARIF(w, placed(), "specs/fleet.yaml", "1.2.3", Style{}, ci.Workspace{})
	})
	golden(t, "plan.sarif", text)
	if err := official.check(text); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{strings.Replace(text, `"uri"`, `"url"`, 1), strings.Replace(text, "specs/fleet.yaml", "50%.yaml", 1)} {
		if official.check(wrong) == nil {
			t.Errorf("the schema takes what it should not:\n%s", wrong)
		}
	}
	drifted := placed()
	drifted.Steps[5].Drift, drifted.Steps[6].Drift = plan.InPlace, plan.Expected
	text = written(t, func(w io.Writer) error { return PlanSARIF(w, drifted, "", "1.2.3", Style{Drift: true}, ci.Workspace{}) })
	same(t, "results", strings.Count(text, `"ruleId": "drift"`), 2)
	same(t, "expected ones", strings.Count(text, `"level": "note"`), 1)
	if err := official.check(text); err != nil {
		t.Error(err)
	}
}

func TestSARIFOfMistakes(t *testing.T) {
	official := officialSARIF(t)
	for file, ms := range map[string]spec.Diagnostics{
		"valid.sarif": nil,
		"mistakes.sarif": {
			{Pos: spec.Position{File: "specs/fleet.yaml", Line: 5, Column: 7}, Path: "sandboxes.web.nope", Message: "unknown attribute <nope> & more", Hint: `did you mean "node"?`},
			{Pos: spec.Position{File: "specs/fleet.yaml", Line: 6, Column: 3}, Message: "the tag moves", Warning: true, Rule: "moving-tag"},
			{Pos: spec.Position{File: "none.yaml"}, Message: "there is no such file"},
		},
	} {
		text := written(t, func(w io.Writer) error { return DiagnosticsSARIF(w, ms, "1.2.3", ci.Workspace{}) })
		golden(t, file, text)
		if err := official.check(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// Every rule of a warning is declared, so that scanners can describe it.
func TestSARIFDeclaresRules(t *testing.T) {
	for id := range spec.WarningRules() {
		text := written(t, func(w io.Writer) error {
			return DiagnosticsSARIF(w, spec.Diagnostics{{Warning: true, Rule: id, Message: "m"}}, "1.2.3", ci.Workspace{})
		})
		if strings.Contains(text, `"ruleIndex": -1`) {
			t.Errorf("%s is not declared", id)
		}
	}
}

// Names of files that are no URIs are written as those that they stand for.
func TestSARIFFiles(t *testing.T) {
	official := officialSARIF(t)
	for file, uri := range map[string]string{
		"specs/fleet.yaml": "specs/fleet.yaml",
		"/specs/a.yaml":    "/specs/a.yaml",
		"my fleet.yaml":    "my%20fleet.yaml",
		"50%.yaml":         "50%25.yaml",
		"a:b.yaml":         "./a:b.yaml",
		"#1?.yaml":         "%231%3F.yaml",
		"<stdin>":          "%3Cstdin%3E",
		"caf\xc3\xa9.yaml": "caf%C3%A9.yaml",
	} {
		text := written(t, func(w io.Writer) error {
			return DiagnosticsSARIF(w, spec.Diagnostics{{Pos: spec.Position{File: file, Line: 1, Column: 1}, Message: "m"}}, "1.2.3", ci.Workspace{})
		})
		if !strings.Contains(text, `"uri": "`+uri+`"`) {
			t.Errorf("%s is not written as %s:\n%s", file, uri, text)
		}
		if err := official.check(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
