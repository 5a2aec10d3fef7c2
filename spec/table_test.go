package spec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRows checks that every row is complete.
func TestRows(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)?$`)
	for kind, table := range Tables {
		keys, letters := map[string]bool{}, map[byte]string{}
		for _, a := range table {
			what := fmt.Sprintf("%s of a %s", a.Key, kind)
			switch {
			case keys[a.Key]:
				t.Errorf("%s is there twice", what)
			case a.Role != Derived && !form.MatchString(a.Key):
				t.Errorf("%s is not in snake case", what)
			case a.Type.Name == "" || a.Role != Derived && !strings.HasSuffix(a.Doc, "."):
				t.Errorf("%s lacks the name of its type or a sentence of documentation", what)
			case a.Role != Derived && a.Example == "":
				t.Errorf("%s lacks an example", what)
			case a.FingerprintLetter != 0 && letters[a.FingerprintLetter] != "":
				t.Errorf("%s is sealed under %q like %s", what, a.FingerprintLetter, letters[a.FingerprintLetter])
			case a.FingerprintLetter > 0x7e || a.FingerprintLetter != 0 && (a.FingerprintLetter < 'A' || a.FingerprintLetter >= '0' && a.FingerprintLetter <= '9'):
				t.Errorf("%s is sealed under %q, which is no letter", what, a.FingerprintLetter)
			case kind == SandboxKind && !a.CreateOnly && (a.FingerprintLetter != 0) != (a.Visibility == InListsSince || a.Visibility == InPages || a.Visibility == InDetail || a.Visibility == NeverShown):
				t.Errorf("%s: a seal is for what not every list shows, and for nothing else", what)
			case (a.Role == Option || a.Label != "") != (a.Visibility == NotInAnyField):
				t.Errorf("%s: no field holds labels and options, and fields hold all else", what)
			case a.Resolve == nil && (a.Unresolve != nil || a.ByID):
				t.Errorf("%s: what is not resolved has no other form", what)
			case a.Type.Values != nil && !strings.Contains(a.Type.Name, "one of") && a.Type.Name != gpuTypes.Name:
				t.Errorf("%s: the type lists values without saying so", what)
			}
			keys[a.Key], letters[a.FingerprintLetter] = true, a.Key
		}
		if kind == SandboxKind {
			continue
		}
		for _, a := range table {
			if a.FingerprintLetter != 0 || a.MergesKeys || a.Change.Path != "" {
				t.Errorf("%s: a %s has no labels and no calls", a.Key, kind)
			}
		}
	}
}

// TestEveryRowHasAnExample ensures that the following tests cover every row.
func TestEveryRowHasAnExample(t *testing.T) {
	for kind, table := range Tables {
		for _, a := range table {
			shown := slices.ContainsFunc(examples[kind], func(x example) bool { return x.key == a.Key })
			if !shown && a.Role != Derived && a.Role != Part && !a.Structural { // TestImageRows covers parts
				t.Errorf("there is no example of %s of a %s", a.Key, kind)
			}
		}
		for _, x := range examples[kind] {
			if table.find(x.key) == nil {
				t.Errorf("%s of a %s is no attribute", x.key, kind)
			}
		}
	}
}

// each runs f for each example, with the resources of its two values.
func each(t *testing.T, f func(t *testing.T, x example, one, other *Resource)) {
	for kind, list := range examples {
		for _, x := range list {
			t.Run(string(kind)+" "+x.key, func(t *testing.T) {
				parse := func(value string) *Resource {
					return parseOne(t, kind.Section()+": {web: {"+strings.Trim(x.with+", "+value, ", ")+"}}")
				}
				f(t, x, parse(x.one), parse(x.other))
			})
		}
	}
}

// TestCreateBodies checks the create request of every attribute.
func TestCreateBodies(t *testing.T) {
	each(t, func(t *testing.T, x example, one, _ *Resource) {
		want := map[string]any{}
		if x.sent != "" {
			want = jsonFields(t, json.RawMessage(x.sent))
		}
		bare := map[string]any{"name": "web"}
		if x.with != "" {
			r := parseOne(t, one.Kind.Section()+": {web: {"+x.with+"}}")
			bare = jsonFields(t, r.CreateBody(Facts{}))
		}
		got := jsonFields(t, one.CreateBody(facts("0.205.0")))
		maps.DeleteFunc(got, func(field string, v any) bool { return reflect.DeepEqual(v, bare[field]) })
		same(t, "body", got, want)
	})
}

// changeableUnseen reports whether the resource manages an attribute that other clients
// can change in place and that lists omit.
func changeableUnseen(r *Resource, f Facts) bool {
	return slices.ContainsFunc(r.managed(), func(m managedAttribute) bool {
		return !m.unsetInSpec && m.Change.Path != "" && m.Visibility == InListsSince && !f.Version.AtLeast(v0205)
	})
}

// TestRoundTrips checks for every attribute that a value that was sent is no difference
// when it is read again, and that another value is exactly one difference: on old and new
// servers, from lists and by id.
func TestRoundTrips(t *testing.T) {
	each(t, func(t *testing.T, x example, one, other *Resource) {
		for _, version := range []string{"0.190.0", "0.205.1", "0.220.0", ""} {
			for _, detailed := range []bool{true, false} {
				f := facts(version)
				have := created(t, one, f, detailed)
				if d := one.Diff(have, f); len(d) > 0 {
					t.Errorf("%s, detailed %v: %s differs at once: have %v, want %v", version, detailed, d[0].Attr.Key, d[0].Have, d[0].Want)
				}
				if one.Kind == SandboxKind && (!one.FingerprintComplete(have) || one.NeedsDetail(have, f) != (!detailed && changeableUnseen(one, f))) {
					t.Errorf("%s, detailed %v: the seal is not that of the resource", version, detailed)
				}
				x.differs(t, other.Diff(have, f), version, detailed)
				if d := other.Diff(created(t, other, f, detailed), f); len(d) > 0 {
					t.Errorf("%s, detailed %v: the other %s differs at once: have %v, want %v", version, detailed, d[0].Attr.Key, d[0].Have, d[0].Want)
				}
			}
		}
	})
}

// differs checks the differences for the other value.
func (x example) differs(t *testing.T, diffs []Diff, version string, detailed bool) {
	t.Helper()
	want := []string{cmp.Or(x.as, x.key)}
	if x.mode == nothing {
		want = nil
	}
	if !slices.Equal(keysOf(diffs), want) {
		t.Errorf("%s, detailed %v: the other value changes %v, want %v", version, detailed, keysOf(diffs), want)
		return
	}
	for _, d := range diffs {
		if d.Mode != x.mode {
			t.Errorf("%s, detailed %v: the change takes mode %d, want %d", version, detailed, d.Mode, x.mode)
		}
		if d.Mode == RequiresReplace && d.Rule == "" {
			t.Errorf("nothing says why %s needs a replacement", x.key)
		}
		if shown := d.Attr.VisibleIn(Facts{Version: ParseVersion(version)}, detailed) || d.Attr.Visibility == NotInAnyField; d.Unknown == shown {
			t.Errorf("%s, detailed %v: unknown is %v", version, detailed, d.Unknown)
		}
	}
}

// TestFormats checks the text of every attribute's values, and that secret ones are not
// printed.
func TestFormats(t *testing.T) {
	each(t, func(t *testing.T, x example, one, other *Resource) {
		a := Tables[one.Kind].find(cmp.Or(x.as, x.key))
		have, want := a.Format(one.attrs.get(a)), a.Format(other.attrs.get(a))
		if have == "" || strings.Contains(have, "0x") || strings.Contains(have, "%!") {
			t.Errorf("%v is shown as %q", one.attrs.get(a), have)
		}
		if hidden := have == want; hidden != a.Secret {
			t.Errorf("%q and %q: the values are hidden is %v", have, want, hidden)
		}
		if a.Format(nil) != "(none)" {
			t.Errorf("nothing is shown as %q", a.Format(nil))
		}
	})
	env := Tables[SandboxKind].find("env_vars")
	same(t, "variables", env.Format(map[string]string{"TOKEN": secret, "A": secret}), "{A=(hidden) TOKEN=(hidden)}")
}

// ordinary are keys that are also ordinary words, which packages use in other meanings.
var ordinary = map[string]string{
	"name":     "a field of plans and of fleet status --json",
	"state":    "the field of status, and the flag and folder of fleet server",
	"active":   "a state of snapshots",
	"keep":     "a flag of gc",
	"adopt":    "an action of plans, and a flag",
	"target":   "a flag",
	"labels":   "the field of the create request that spec leaves to the caller",
	"volumes":  "a flag of fleet destroy, and a plural",
	"snapshot": "a singular",
	"image":    "a singular, and an answer to fleet init",
	"secrets":  "a flag of fleet export",
	"env":      "a value of that flag",
	"steps":    "the list of a plan in JSON",
	"files":    "a flag of fleet drift, and a plural",
}

// TestAttributesStayInTheirRows checks that no other package names an attribute: special
// cases belong in the row.
func TestAttributesStayInTheirRows(t *testing.T) {
	names := map[string]bool{}
	for _, table := range Tables {
		for _, a := range table {
			names[a.Key], names[a.API], names[a.Read] = true, true, true
		}
	}
	delete(names, "")
	for _, dir := range []string{"plan", "apply", "internal/render", "internal/export", "internal/cli", "internal/status", "internal/selection"} {
		files, _ := filepath.Glob("../" + dir + "/*.go")
		if len(files) == 0 {
			t.Errorf("there is no code in %s", dir)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				leaks(t, file, names)
			}
		}
	}
}

// leaks reports the string literals of a file that are keys of attributes.
func leaks(t *testing.T, file string, names map[string]bool) {
	t.Helper()
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(syntax, func(n ast.Node) bool {
		if _, isImport := n.(*ast.ImportSpec); isImport {
			return false
		}
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			if names[s] && ordinary[s] == "" {
				t.Errorf("%s: the attribute %q is named outside its row", fset.Position(lit.Pos()), s)
			}
		}
		return true
	})
}
