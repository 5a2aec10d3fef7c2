package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// bound is code on which the safety of a fleet depends.
type bound struct {
	file  string   // from the root of the repository
	funcs []string // the functions of the file that count; empty means all
	tests string   // pattern of the tests to run; "" means all
}

// boundPattern matches an item of the list of bounds, such as
//
//   - `plan/orphan.go` (`protection`; tests `Leave|Protect`): what is protected
var boundPattern = regexp.MustCompile("^\\* `((?:[a-z]+/)+[a-z_]+\\.go)`(?: \\(([^)]*)\\))?: ")

// readBounds returns the bounds that a document lists.
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

// readEquivalents returns the mutants that change nothing, one per line, each followed
// by indented lines with the reason.
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
