package export

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestQuoted shows each form.
func TestQuoted(t *testing.T) {
	for value, want := range map[string]struct {
		word string
		by   readers
	}{
		"007":               {`'007'`, allReaders},
		"a b#c":             {`'a b#c'`, allReaders},
		`dtn_ab$CD_x`:       {`'dtn_ab$CD_x'`, allReaders},
		`{"a": "b\n"}`:      {`'{"a": "b\n"}'`, allReaders},
		"x\ny\n":            {"'x\ny\n'", allReaders},
		" x ":               {`' x '`, allReaders},
		`C:\Users`:          {`'C:\Users'`, allReaders},
		"it's":              {`"it's"`, allReaders},
		"it's\nso":          {"\"it's\nso\"", allReaders},
		"it's $5":           {`"it's $5"`, dotenvOnly},
		"x\r\ny\r\n":        {"\"x\\r\ny\\r\n\"", dotenvOnly},
		`C:\`:               {`C:\ #`, dotenvOnly},
		`\\host\share`:      {`\\host\share`, dotenvOnly},
		"it's $(id)":        {`'it'\''s $(id)'`, shellOnly},
		`{"a": "C:\\b"}`:    {`'{"a": "C:\\b"}'`, shellOnly},
		"${A}\nb":           {"'${A}\nb'", shellOnly},
		"it's\n`id`":        {"", withoutThem},
		"${HOME}/x":         {`'${HOME}/x'`, shellOnly},
		"${HOME:-y}":        {`'${HOME:-y}'`, shellOnly},
		`it's "so"`:         {`'it'\''s "so"'`, shellOnly},
		"a\u2028b":          {"'a\u2028b'", shellOnly},
		"${HOME":            {`'${HOME'`, allReaders},
		"it's \"so\"\nhere": {"", withoutThem},
		"hunter2\n\\":       {"", withoutThem},
		"a\x00b":            {"", withoutThem},
	} {
		if word, by := quoted(value); word != want.word || by != want.by {
			t.Errorf("%q is written as %s for %d, want %s for %d", value, word, by, want.word, want.by)
		}
	}
}

// TestEnvFile reads files back as npm's dotenv, python-dotenv and a shell do.
func TestEnvFile(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	file := filepath.Join(t.TempDir(), "values.env")
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[abn0 \n\r\\"'$!{}#=:`+"`"+`-]{1,12}`), rapid.StringMatching(`-----BEGIN\n([A-Za-z0-9+/]{8}\n){1,3}`))
	rapid.Check(t, func(rt *rapid.T) {
		values := map[string]string{}
		for name, v := range rapid.MapOfN(rapid.StringMatching("FLEET_[A-Z][A-Z0-9_]*"), text, 1, 4).Draw(rt, "values") {
			if _, by := quoted(v); by != withoutThem {
				values[name] = v
			}
		}
		written, special, err := EnvFile(values)
		if err != nil {
			rt.Fatal(err)
		}
		libraries, sourced := maps.Clone(values), maps.Clone(values)
		for _, name := range special {
			if _, by := quoted(values[name]); by == dotenvOnly {
				delete(sourced, name)
			} else {
				delete(libraries, name)
			}
		}
		for reader, read := range map[string]map[string]string{"npm": readNPM(string(written)), "python": readPython(string(written))} {
			if d := cmp.Diff(libraries, only(read, libraries)); d != "" {
				rt.Fatalf("%s (-want +got):\n%s\n%s", reader, d, written)
			}
		}
		if err := os.WriteFile(file, written, 0o600); err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(sourced, only(readShell(rt, shell, file), sourced)); d != "" {
			rt.Fatalf("shell (-want +got):\n%s\n%s", d, written)
		}
	})
	if _, _, err := EnvFile(map[string]string{"A": "hunter2\n\\"}); err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "of A ") {
		t.Errorf("got %v", err)
	}
}

// only returns what is read of the variables that are wanted.
func only(read, wanted map[string]string) map[string]string {
	read = maps.Clone(read)
	maps.DeleteFunc(read, func(name, _ string) bool { _, is := wanted[name]; return !is })
	return read
}

func readShell(rt *rapid.T, shell, file string) map[string]string {
	cmd := exec.Command(shell, "-c", `set -a; . "$0" 2>/dev/null; env -0`, file)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nowhere"}
	out, err := cmd.Output()
	if err != nil {
		rt.Fatal(err)
	}
	read := map[string]string{}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		name, value, _ := strings.Cut(entry, "=")
		read[name] = value
	}
	return read
}

// npmLine is the expression by which npm's dotenv (versions 16 and 17) finds
// variables.
var npmLine = regexp.MustCompile(`(?m)(?:^|^)\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*` + "`(?:\\\\`|[^`])*`" + `|[^#\r\n]+)?\s*(?:#.*)?(?:$|$)`)

func readNPM(text string) map[string]string {
	read := map[string]string{}
	for _, m := range npmLine.FindAllStringSubmatch(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), -1) {
		v := strings.TrimSpace(m[2])
		double := strings.HasPrefix(v, `"`)
		if n := len(v); n > 1 && strings.Contains("'\"`", v[:1]) && v[n-1] == v[0] {
			v = v[1 : n-1]
		}
		if double {
			v = strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(v)
		}
		read[m[1]] = v
	}
	return read
}

// pythonLine is how python-dotenv reads a variable, and its escapes.
var (
	pythonLine   = regexp.MustCompile(`^\s*(?:export[^\S\n]+)?([^=#\s]+)[^\S\n]*=[^\S\n]*(?:'((?:\\'|[^'])*)'|"((?:\\"|[^"])*)"|([^'"\n][^\n]*|))(?:[^\S\n]*#[^\n]*)?[^\S\n]*(?:\n|$)`)
	restOfLine   = regexp.MustCompile(`^\s*[^\n]*(?:\n|$)`)
	pythonDouble = strings.NewReplacer(`\\`, `\`, `\'`, "'", `\"`, `"`, `\a`, "\a", `\b`, "\b", `\f`, "\f", `\n`, "\n", `\r`, "\r", `\t`, "\t", `\v`, "\v")
	pythonSingle = strings.NewReplacer(`\\`, `\`, `\'`, "'")
)

func readPython(text string) map[string]string {
	read := map[string]string{}
	for text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"); text != ""; {
		m := pythonLine.FindStringSubmatch(text)
		if m == nil {
			text = text[len(restOfLine.FindString(text)):]
			continue
		}
		text = text[len(m[0]):]
		plain := strings.TrimRight(regexp.MustCompile(`\s+#.*`).ReplaceAllString(m[4], ""), " \t")
		v := pythonSingle.Replace(m[2]) + pythonDouble.Replace(m[3]) + plain
		read[m[1]] = reference.ReplaceAllString(v, "")
	}
	return read
}

// TestSpecialNames returns the variables that not all read, and comments on them.
func TestSpecialNames(t *testing.T) {
	text, special, err := EnvFile(map[string]string{"A": "x", "B": "it's $5", "C": "${x}", "D": "y"})
	if err != nil || !slices.Equal(special, []string{"B", "C"}) {
		t.Fatalf("got %q, %v", special, err)
	}
	want := "A='x'\n" + comments[dotenvOnly] + "B=\"it's $5\"\n" + comments[shellOnly] + "C='${x}'\nD='y'\n"
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Error(d)
	}
}
