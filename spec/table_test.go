package spec

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRows checks what every row has to say.
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
			case a.Seal != 0 && letters[a.Seal] != "":
				t.Errorf("%s is sealed under %q like %s", what, a.Seal, letters[a.Seal])
			case a.Seal > 0x7e || a.Seal != 0 && (a.Seal < 'A' || a.Seal >= '0' && a.Seal <= '9'):
				t.Errorf("%s is sealed under %q, which is no letter", what, a.Seal)
			case kind == SandboxKind && (a.Seal != 0) != (a.Shown == InListsSince || a.Shown == InDetail || a.Shown == Nowhere):
				t.Errorf("%s: a seal is for what not every list shows, and for nothing else", what)
			case (a.Role == Option || a.Label != "") != (a.Shown == notInAnyField):
				t.Errorf("%s: no field holds labels and options, and fields hold all else", what)
			case a.Resolve == nil && (a.Named != nil || a.ByID):
				t.Errorf("%s: what is not resolved has no other form", what)
			case a.Type.Values != nil && !strings.Contains(a.Type.Name, "one of") && a.Type.Name != gpuTypes.Name:
				t.Errorf("%s: the type lists values without saying so", what)
			}
			keys[a.Key], letters[a.Seal] = true, a.Key
		}
		if kind == SandboxKind {
			continue
		}
		for _, a := range table {
			if a.Seal != 0 || a.Merges || a.Change.Path != "" {
				t.Errorf("%s: a %s has no labels and no calls", a.Key, kind)
			}
		}
	}
}

// TestEveryRowHasAnExample keeps the tests below complete.
func TestEveryRowHasAnExample(t *testing.T) {
	for kind, table := range Tables {
		for _, a := range table {
			shown := slices.ContainsFunc(examples[kind], func(x example) bool { return x.key == a.Key })
			if !shown && a.Role != Derived && a != countRow {
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

// each runs f for each example, with the two resources that it makes.
func each(t *testing.T, f func(t *testing.T, x example, one, other *Resource)) {
	for kind, list := range examples {
		for _, x := range list {
			t.Run(string(kind)+" "+x.key, func(t *testing.T) {
				make := func(value string) *Resource {
					return parseOne(t, kind.Section()+": {web: {"+strings.Trim(x.with+", "+value, ", ")+"}}")
				}
				f(t, x, make(x.one), make(x.other))
			})
		}
	}
}

// TestCreateBodies checks the wire form of every attribute.
func TestCreateBodies(t *testing.T) {
	each(t, func(t *testing.T, x example, one, _ *Resource) {
		want := map[string]any{}
		if x.sent != "" {
			if err := json.Unmarshal([]byte(x.sent), &want); err != nil {
				t.Fatal(err)
			}
		}
		got := jsonFields(t, one.CreateBody(facts("0.205.0")))
		if x.with != "" {
			bare := parseOne(t, one.Kind.Section()+": {web: {"+x.with+"}}")
			for field, v := range jsonFields(t, bare.CreateBody(Facts{})) {
				if reflect.DeepEqual(got[field], v) {
					delete(got, field)
				}
			}
		} else if got["name"] == "web" || x.key == "name" && x.with == "" {
			if got["name"] == "web" {
				delete(got, "name")
			}
		}
		if x.with != "" && got["name"] == "web" {
			delete(got, "name")
		}
		same(t, "body", got, want)
	})
}
