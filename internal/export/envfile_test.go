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

	"fleet/internal/dotenv"
	"fleet/internal/tooltest"
)

// TestQuoted shows each form.
func TestQuoted(t *testing.T) {
	const all, libraries, nobody = "all", "libraries", ""
	for value, want := range map[string]struct{ word, by string }{
		"007":               {`'007'`, all},
		"a b#c":             {`'a b#c'`, all},
		`dtn_ab$CD_x`:       {`'dtn_ab$CD_x'`, all},
		`{"a": "b\n"}`:      {`'{"a": "b\n"}'`, all},
		"x\ny\n":            {"'x\ny\n'", all},
		" x ":               {`' x '`, all},
		`C:\Users`:          {`'C:\Users'`, all},
		"${HOME":            {`'${HOME'`, all},
		"it's":              {`"it's"`, all},
		"it's\nso":          {"\"it's\nso\"", all},
		"it's $5":           {`"it's $5"`, libraries},
		"x\r\ny\r\n":        {"\"x\\r\ny\\r\n\"", libraries},
		`C:\`:               {`C:\ #`, libraries},
		`\\host\share`:      {`\\host\share`, libraries},
		"${HOME}/x":         {"", nobody},
		"${HOME:-y}":        {"", nobody},
		`it's "so"`:         {"", nobody},
		"it's $(id)":        {"", nobody},
		`{"a": "C:\\b"}`:    {"", nobody},
		"a\u2028b":          {"", nobody},
		"it's \"so\"\nhere": {"", nobody},
		"hunter2\n\\":       {"", nobody},
		"a\x00b":            {"", nobody},
	} {
		word, shell, ok := quote(value)
		by := map[[2]bool]string{{true, true}: all, {false, true}: libraries}[[2]bool{shell, ok}]
		if word != want.word || by != want.by {
			t.Errorf("%q is written as %s for %q, want %s for %q", value, word, by, want.word, want.by)
		}
	}
}

// TestEnvFile reads files back as npm's dotenv, python-dotenv and a shell do.
func TestEnvFile(t *testing.T) {
	shell := tooltest.Path(t, "sh")
	file := filepath.Join(t.TempDir(), "values.env")
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[abn0 \n\r\\"'$!{}#=:`+"`"+`-]{1,12}`), rapid.StringMatching(`-----BEGIN\n([A-Za-z0-9+/]{8}\n){1,3}`))
	rapid.Check(t, func(rt *rapid.T) {
		values := map[string]string{}
		for name, v := range rapid.MapOfN(rapid.StringMatching("FLEET_[A-Z][A-Z0-9_]*"), text, 1, 4).Draw(rt, "values") {
			if _, _, ok := quote(v); ok {
				values[name] = v
			}
		}
		written, notShell, err := EnvFile(values)
		if err != nil {
			rt.Fatal(err)
		}
		for reader, read := range map[string]map[string]string{"npm": readNPM(string(written)), "python": readPython(string(written)), "fleet": readFleet(rt, written)} {
			if d := cmp.Diff(values, read); d != "" {
				rt.Fatalf("%s (-want +got):\n%s\n%s", reader, d, written)
			}
		}
		if err := os.WriteFile(file, written, 0o600); err != nil {
			rt.Fatal(err)
		}
		for _, name := range notShell {
			delete(values, name)
		}
		if d := cmp.Diff(values, only(readShell(rt, shell, file), values)); d != "" {
			rt.Fatalf("shell (-want +got):\n%s\n%s", d, written)
		}
	})
	for _, value := range []string{"hunter2\n\\", "hunter2${X}"} {
		if _, _, err := EnvFile(map[string]string{"A": value}); err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "of A ") {
			t.Errorf("got %v", err)
		}
	}
}

func readFleet(rt *rapid.T, text []byte) map[string]string {
	f, err := dotenv.Parse(text, "")
	if err != nil {
		rt.Fatal(err)
	}
	read := map[string]string{}
	for _, v := range f.Variables {
		read[v.Name] = v.Value + v.Problem
	}
	return read
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
		read[m[1]] = pythonReference.ReplaceAllString(v, "")
	}
	return read
}

// TestNotShell returns the variables that a shell does not read, and comments on them.
func TestNotShell(t *testing.T) {
	text, notShell, err := EnvFile(map[string]string{"A": "x", "B": "it's $5", "D": "y"})
	if err != nil || !slices.Equal(notShell, []string{"B"}) {
		t.Fatalf("got %q, %v", notShell, err)
	}
	if d := cmp.Diff("A='x'\n"+shellWarning+"B=\"it's $5\"\nD='y'\n", string(text)); d != "" {
		t.Error(d)
	}
}
