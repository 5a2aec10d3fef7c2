package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// readers are who reads a variable of a .env file as it is meant.
type readers int

const (
	allReaders  readers = iota
	dotenvOnly          // the libraries for .env files; a shell reads something else
	shellOnly           // a shell; the libraries do not agree
	withoutThem         // there is no way to write the value
)

// comments precede variables that not all readers read as they are meant.
var comments = map[readers]string{
	dotenvOnly: "# The next one is for readers of .env files: a shell reads it otherwise.\n",
	shellOnly:  "# The next one is for a shell: readers of .env files do not agree about it.\n",
}

// EnvFile returns variables as the text of a .env file, which npm's dotenv,
// python-dotenv and a shell read alike. Variables for which there is no such
// form have a comment that says who reads them, and their names are returned.
// It fails where nobody would read a value.
func EnvFile(values map[string]string) (text []byte, special []string, err error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		word, by := quoted(values[name])
		if by == withoutThem {
			return nil, nil, fmt.Errorf("the value of %s cannot be written to a .env file: there is no way to quote it there; give it to the sandbox by from_file, or leave secrets out with --secrets omit", name)
		}
		if by != allReaders {
			special = append(special, name)
		}
		b.WriteString(comments[by] + name + "=" + word + "\n")
	}
	return []byte(b.String()), special, nil
}

var (
	// reference is what python-dotenv replaces, in quotes of any kind.
	reference = regexp.MustCompile(`\$\{[^}:]*(:-[^}]*)?\}`)

	// bare is a value that needs no quotes for the libraries, and that does no harm
	// in a shell.
	bare = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=\\-]+$`)

	// expands is what a shell would run in double quotes.
	expands = regexp.MustCompile("`|\\$[({]")
)

// quoted returns a value in the quotes that most readers agree about, and who
// they are. It makes use of no escape that one of them does not know: the
// libraries read \n in double quotes, of which a shell knows nothing, and
// python-dotenv reads \\ in any quotes. A value never changes how the lines after
// it are read, and no shell runs a part of it.
func quoted(v string) (word string, by readers) {
	libraries := !reference.MatchString(v) && !strings.ContainsAny(v, "\u2028\u2029") // which end a line for npm's dotenv
	single, double := strings.Contains(v, "'"), strings.Contains(v, `"`)
	slash, open, carriage := strings.Contains(v, `\`), strings.HasSuffix(v, `\`), strings.Contains(v, "\r")
	switch {
	case strings.Contains(v, "\x00"):
		return "", withoutThem
	case libraries && !single && !carriage && !open && !strings.Contains(v, `\\`):
		return "'" + v + "'", allReaders
	case libraries && !double && !carriage && !strings.ContainsAny(v, "$`\\"):
		return `"` + v + `"`, allReaders
	case libraries && !double && !slash && !expands.MatchString(v):
		return `"` + strings.ReplaceAll(v, "\r", `\r`) + `"`, dotenvOnly
	case libraries && bare.MatchString(v) && open:
		return v + " #", dotenvOnly // else a shell would read on in the next line
	case libraries && bare.MatchString(v):
		return v, dotenvOnly
	case !single && !open:
		return "'" + v + "'", shellOnly
	case !strings.ContainsAny(v, "\r\n") && !open && !strings.Contains(v, `\'`):
		return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'", shellOnly
	}
	return "", withoutThem
}
