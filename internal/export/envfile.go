package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// shellWarning precedes variables that a shell reads differently.
const shellWarning = "# The next one is for readers of .env files: a shell reads it differently.\n"

// EnvFile returns variables as the text of a .env file, for --env-file, npm's dotenv,
// python-dotenv and a shell. Variables that the libraries read correctly and a shell
// does not are marked by a comment, and their names are returned. The error is for a
// value that no quoting makes the libraries agree on.
func EnvFile(values map[string]string) (text []byte, notShell []string, err error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		word, shell, ok := quote(values[name])
		switch {
		case !ok:
			return nil, nil, fmt.Errorf("the value of %s cannot be written to a .env file: no quoting gives the same value in npm dotenv and python-dotenv; "+
				"set it in the environment, or leave secrets out with --secrets omit", name)
		case !shell:
			notShell = append(notShell, name)
			b.WriteString(shellWarning)
		}
		b.WriteString(name + "=" + word + "\n")
	}
	return []byte(b.String()), notShell, nil
}

var (
	// pythonReference matches references that python-dotenv expands in all quotes.
	pythonReference = regexp.MustCompile(`\$\{[^}:]*(:-[^}]*)?\}`)

	// unquotedValue matches values that the libraries read without quotes, and that are
	// harmless in a shell.
	unquotedValue = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=\\-]+$`)

	// shellExpansion matches what a shell would execute within double quotes.
	shellExpansion = regexp.MustCompile("`|\\$[({]")
)

// quote returns a value in the quotes that most readers agree on, and whether a shell is
// one of them; ok is false if the libraries do not agree. It avoids escapes that a reader
// does not know: the libraries expand \n in double quotes, a shell does not, and
// python-dotenv expands \\ in all quotes. A value never changes how the following lines
// are read, and a shell never executes a part of it.
func quote(v string) (word string, shell, ok bool) {
	if pythonReference.MatchString(v) || strings.ContainsAny(v, "\x00\u2028\u2029\ufffd") { // U+2028 and U+2029 end a line for npm's dotenv, and U+FFFD stands for invalid UTF-8
		return "", false, false
	}
	single, double := strings.Contains(v, "'"), strings.Contains(v, `"`)
	slash, open, hasCR := strings.Contains(v, `\`), strings.HasSuffix(v, `\`), strings.Contains(v, "\r")
	switch {
	case !single && !hasCR && !open && !strings.Contains(v, `\\`):
		return "'" + v + "'", true, true
	case !double && !hasCR && !strings.ContainsAny(v, "$`\\"):
		return `"` + v + `"`, true, true
	case !double && !slash && !shellExpansion.MatchString(v):
		return `"` + strings.ReplaceAll(v, "\r", `\r`) + `"`, false, true
	case unquotedValue.MatchString(v) && open:
		return v + " #", false, true // without the comment, a shell would join the next line
	case unquotedValue.MatchString(v):
		return v, false, true
	}
	return "", false, false
}
