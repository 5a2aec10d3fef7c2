package spec

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// hostile are texts that take little space and would take much time or memory
// if they were taken at their word. Each ends: in a fleet, or in mistakes.
func hostile() map[string]string {
	const top = "version: 1\nname: demo\n"
	lines := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	bomb := "x0: &x0 [lol, lol]\n" + lines(40, func(i int) string {
		return fmt.Sprintf("x%d: &x%d [*x%d, *x%d]\n", i+1, i+1, i, i)
	})
	bombMap := "x0: &x0 {a: lol}\n" + lines(40, func(i int) string {
		return fmt.Sprintf("x%d: &x%d {a: *x%d, b: *x%d}\n", i+1, i+1, i, i)
	})
	varBomb := "vars:\n  x0: [lol, lol]\n" + lines(40, func(i int) string {
		return fmt.Sprintf("  x%d: [\"${var.x%d}\", \"${var.x%d}\"]\n", i+1, i, i)
	})
	textBomb := "vars:\n  x0: lolol\n" + lines(40, func(i int) string {
		return fmt.Sprintf("  x%d: \"${var.x%d}${var.x%d}\"\n", i+1, i, i)
	})
	return map[string]string{
		"aliases in a list":      top + bomb + "sandboxes: {a: {domain_allow_list: *x40}}\n",
		"aliases in a mapping":   top + bombMap + "sandboxes: {a: {labels: *x40}}\n",
		"aliases of blocks":      top + bombMap + "sandboxes: *x40\n",
		"aliases in a variable":  top + bomb + "vars: {x: {default: *x40}}\nsandboxes: {a: {labels: {x: \"${var.x.0.0.0}\"}}}\n",
		"aliases of a secret":    top + bomb + "vars: {x: {sensitive: true, default: *x40}}\nsandboxes: {a: {domain_allow_list: \"${var.x}\"}}\n",
		"aliases in for_each":    top + bombMap + "sandboxes: {a: {for_each: *x40, labels: {x: \"${each.value.a.a}\"}}}\n",
		"aliases by each.value":  top + bombMap + "sandboxes: {a: {for_each: {x: *x40}, labels: \"${each.value}\"}}\n",
		"aliases in one_of":      top + bomb + "vars: {x: {default: 1, one_of: *x40}}\n",
		"merge keys":             top + "x0: &x0 {a: b}\n" + lines(40, func(i int) string { return fmt.Sprintf("x%d: &x%d {<<: [*x%d, *x%d], k%d: v}\n", i+1, i+1, i, i, i) }) + "sandboxes: {a: {labels: *x40}}\n",
		"variables of variables": top + varBomb,
		"one var many times":     top + "vars:\n  x: [" + strings.Repeat("a, ", 100_000) + "]\nsandboxes:\n" + lines(60, func(i int) string { return fmt.Sprintf("  s%d: {domain_allow_list: \"${var.x}\"}\n", i) }),
		"texts of texts":         top + textBomb + "sandboxes: {a: {labels: {x: \"${var.x40}\"}}}\n",
		"chain of variables":     top + "vars:\n" + lines(100_000, func(i int) string { return fmt.Sprintf("  x%d: \"${var.x%d}\"\n", i, i+1) }) + "  x100000: end\n",
		"chain backwards":        top + "vars:\n  x000000: end\n" + lines(100_000, func(i int) string { return fmt.Sprintf("  x%06d: \"${var.x%06d}\"\n", i+1, i) }),
		"circle of variables":    top + "vars:\n" + lines(10_000, func(i int) string { return fmt.Sprintf("  x%d: \"${var.x%d}\"\n", i, (i+1)%10_000) }),
		"diamond of templates": top + "templates:\n  sandboxes:\n    t0: {public: true}\n" + lines(30, func(i int) string {
			return fmt.Sprintf("    l%d: {extends: t%d}\n    r%d: {extends: t%d}\n    t%d: {extends: [l%d, r%d]}\n", i, i, i, i, i+1, i, i)
		}) + "sandboxes: {a: {extends: t30}}\n",
		"chain of templates":      top + "templates:\n  sandboxes:\n    t0: {}\n" + lines(20_000, func(i int) string { return fmt.Sprintf("    t%d: {extends: t%d}\n", i+1, i) }) + "sandboxes: {a: {extends: t20000}}\n",
		"one template many times": top + "templates: {sandboxes: {t: {}}}\nsandboxes: {a: {extends: [" + strings.Repeat("t, ", 100_000) + "]}}\n",
		"flow nested":             top + "sandboxes: {a: {labels: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}}\n",
		"flow nested in a var":    top + "vars: {x: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + "}\nsandboxes: {a: {labels: \"${var.x}\"}}\n",
		"flow not closed":         top + "sandboxes: " + strings.Repeat("{a: ", 10_000),
		"blocks nested":           top + "sandboxes:\n" + lines(2000, func(i int) string { return strings.Repeat(" ", i+1) + "a:\n" }),
		"lists nested":            top + "sandboxes:\n" + strings.Repeat("- ", 10_000) + "a\n",
		"expressions nested":      top + "sandboxes: {a: {labels: {x: \"" + strings.Repeat("${env.A:-", 1000) + strings.Repeat("}", 1000) + "\"}}}\nenv: [A]\n",
		"expressions not closed":  top + "sandboxes: {a: {labels: {x: \"" + strings.Repeat("${", 500_000) + "\"}}}\n",
		"many expressions":        top + "vars: {a: b}\nsandboxes: {a: {labels: {x: \"" + strings.Repeat("${var.a}", 100_000) + "\"}}}\n",
		"a long line":             top + "sandboxes: {" + lines(50_000, func(i int) string { return fmt.Sprintf("a%d: {publc: x}, ", i) }) + "}\n",
		"a long path":             top + "vars: {a: b}\nsandboxes: {a: {labels: {x: \"${var.a" + strings.Repeat(".a", 500_000) + "}\"}}}\n",
		"a long key":              top + "sandboxes: {" + strings.Repeat("a", 1<<20) + ": {}}\n",
		"a long text":             top + "sandboxes: {a: {language: " + strings.Repeat("a", 1<<20) + "}}\n",
		"a long unknown key":      top + strings.Repeat("sandbox", 1<<17) + ": {}\n",
		"an alias of itself":      top + "sandboxes: &a {x: *a}\nvars: &b {v: {default: [*b]}}\n",
		"for_each of itself":      top + "sandboxes: {a: {for_each: &f {x: *f, y: \"${each.value}\"}, labels: {x: \"${each.value.x.x.y}\"}}}\n",
		"for_each by a variable":  top + "vars: {m: {type: map, default: {a: \"${each.value}\"}}}\nsandboxes: {a: {for_each: \"${var.m}\", labels: {x: \"${each.value}\"}}}\n",
		"anchors of a variable":   top + "vars: {v: {default: &v {a: [*v, \"${var.v}\"]}}}\nsandboxes: {a: {labels: \"${var.v}\"}}\n",
		"copies by index":         top + "sandboxes: {a: {count: 100000, labels: {i: \"${index}\", f: \"${fleet.name}-${index}\"}, env_vars: {I: \"${index}\"}, auto_stop_interval: \"${index}\"}}\n",
		"copies of lists":         top + "vars: {l: [" + strings.Repeat("a.io, ", 1000) + "]}\nsandboxes: {a: {count: 100000, labels: {i: \"${index}\"}, domain_allow_list: [\"${index}.io\", \"${var.l}\"]}}\n",
		"copies of whole lists":   top + "vars: {m: {type: map, default: {" + lines(1000, func(i int) string { return fmt.Sprintf("a%d: b, ", i) }) + "}}}\nsandboxes: {a: {count: 100000, labels: {<<: \"${var.m}\", i: \"${index}\"}}}\n",
		"many groups":             top + "sandboxes:\n" + lines(1000, func(i int) string { return fmt.Sprintf("  a%d: {count: 100000}\n", i) }),
		"many documents":          top + strings.Repeat("---\nname: demo\n", 20_000),
		"many anchors unknown":    top + "sandboxes: [" + strings.Repeat("*a, ", 100_000) + "]\n",
		"many environments":       top + "environments: {" + lines(50_000, func(i int) string { return fmt.Sprintf("e%d: {}, ", i) }) + "}\n",
	}
}

// hostileTold is what some of them come to.
var hostileTold = map[string]string{
	"chain of variables":     "variables refer to each other more than 1000 deep",
	"circle of variables":    "variables refer to each other more than 1000 deep",
	"chain of templates":     "templates are nested more than 100 levels deep",
	"variables of variables": "the variables of the spec hold more than 500000 values",
	"texts of texts":         "the text is longer than 1024 KiB",
	"many groups":            "the spec has more than 200000 resources",
	"copies of whole lists":  "more values than fit",
	"flow nested":            "exceeded max depth of 10000",
	"expressions nested":     "expressions within expressions are more than 10 deep",
	"for_each of itself":     "for_each applies to the whole group",
	"for_each by a variable": "${each.value} has a value only with for_each",
}

// TestHostile reads what is meant to do harm.
func TestHostile(t *testing.T) {
	right := map[string]int{"copies by index": 100_000, "diamond of templates": 1, "one template many times": 1}
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			f, err := Parse(Source{"fleet.yaml", []byte(text)})
			if want, good := right[name]; good && (err != nil || len(f.Resources) != want) {
				t.Fatalf("%.300v, want %d resources", err, want)
			}
			if err == nil {
				uniqueNames(t, f)
				return
			}
			var ms Diagnostics
			if !errors.As(err, &ms) || len(ms) > maxReported+1 {
				t.Fatalf("%d mistakes, or none: %.100v", len(ms), err)
			}
			const most = 4 << 20 // lines of a megabyte are not repeated for each mistake
			if s := err.Error(); len(s) > most || !strings.Contains(s, hostileTold[name]) {
				t.Errorf("%d bytes of mistakes: %.1000s, want %q", len(s), s, hostileTold[name])
			}
		})
	}
}

// uniqueNames checks that no two resources have one address or one name.
func uniqueNames(t *testing.T, f *Fleet) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range f.Resources {
		for _, id := range []string{"address " + r.String(), "name " + string(r.Kind) + " " + r.Name()} {
			if seen[id] {
				t.Errorf("there are two of %s", id)
			}
			seen[id] = true
		}
	}
}

// endless is a text without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

// TestEndlessFile: no more is read than a spec may have.
func TestEndlessFile(t *testing.T) {
	in := &endless{}
	_, err := Options{Stdin: in}.Load(Stdin)
	var m *Diagnostic
	if !errors.As(err, &m) || !strings.Contains(err.Error(), "larger than") || in.read > 2*maxFile {
		t.Errorf("%v after %d bytes", err, in.read)
	}
}
