package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// shellWarning precedes variables that a shell reads otherwise.
const shellWarning = "# The next one is for readers of .env files: a shell reads it otherwise.\n"

// EnvFile returns variables as the text of a .env file, which --env-file, npm's
// dotenv, python-dotenv and a shell read alike. Variables for which there is no
// such form, but one that all except a shell read, have a comment, and their
// names are returned. It fails if readers of .env files would not agree.
func EnvFile(values map[string]string) (text []byte, notShell []string, err error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		word, shell, ok := quote(values[name])
		switch {
		case !ok:
			return nil, nil, fmt.Errorf("the value of %s cannot be written to a .env file: there is no way to quote it there that npm dotenv and python-dotenv read alike; "+
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
	// pythonReference is what python-dotenv replaces, in quotes of any kind.
	pythonReference = regexp.MustCompile(`\$\{[^}:]*(:-[^}]*)?\}`)

	// unquotedValue is a value that needs no quotes for the libraries, and that does no harm
	// in a shell.
	unquotedValue = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=\\-]+$`)

	// shellExpansion is what a shell would run in double quotes.
	shellExpansion = regexp.MustCompile("`|\\$[({]")
)

// quote returns a value in the quotes that most readers agree about, and whether
// a shell is among them; ok is false if the libraries are not. It makes use of no
// escape that one of them does not know: the libraries read \n in double quotes,
// of which a shell knows nothing, and python-dotenv reads \\ in any quotes. A
// value never changes how the lines after it are read, and no shell runs a part
// of it.
func quote(v string) (word string, shell, ok bool) {
	if pythonReference.MatchString(v) || strings.ContainsAny(v, "\x00\u2028\u2029\ufffd") { // U+2028 and U+2029 end a line for npm's dotenv, U+FFFD stands for what is no text
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
		return v + " #", false, true // else a shell would read on in the next line
	case unquotedValue.MatchString(v):
		return v, false, true
	}
	return "", false, false
}
