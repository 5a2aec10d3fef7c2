package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// A bound is code that a fleet's safety rests on.
type bound struct {
	file  string   // from the root of the repository
	funcs []string // of the file that count; none: all of it
	tests string   // pattern of the package's tests to run; "": all
}

// A bound is an item of a list, such as
//
//   - `plan/orphan.go` (`protection`; tests `Leave|Protect`): what is protected
var boundPattern = regexp.MustCompile("^\\* `((?:[a-z]+/)+[a-z_]+\\.go)`(?: \\(([^)]*)\\))?: ")

// readBounds reads the bounds that a document lists.
func readBounds(name string) ([]bound, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var list []bound
	for line := range strings.Lines(string(data)) {
		m := boundPattern.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		funcs, tests, _ := strings.Cut(m[2], "tests ")
		list = append(list, bound{m[1], strings.FieldsFunc(funcs, isPunctuation), strings.Trim(tests, "`")})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s lists no bounds; an item reads * `plan/blast_radius.go`: what it bounds", name)
	}
	return list, nil
}

func isPunctuation(r rune) bool { return strings.ContainsRune("`,; ", r) }

// readEquivalents reads the mutants that change nothing, one a line, each
// followed by indented lines that say why.
func readEquivalents(name string) (map[string]bool, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	known, last := map[string]bool{}, ""
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			known[last] = true
		case last != "" && !known[last]:
			return nil, fmt.Errorf("%s: no reason follows %q", name, last)
		default:
			last = line
		}
	}
	if last != "" && !known[last] {
		return nil, fmt.Errorf("%s: no reason follows %q", name, last)
	}
	return known, nil
}
