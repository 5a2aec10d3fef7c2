package main

import (
	"bytes"
	"fmt"
	"path"
	"slices"
)

// Building the tests takes longer than running them. Most mistakes are therefore added
// to the file together, and an environment variable selects one of them.
const (
	switchVariable = "FLEET_MUTATE"
	switchSource   = `package %s

import "os"

var mutateSwitch = os.Getenv(%q)

func mutateIs(number string) bool { return mutateSwitch == number }
`
)

// mutantKind is how a mistake is enabled.
type mutantKind int

const (
	standaloneKind mutantKind = iota // by building the tests with it
	conditionKind                    // by the variable, as an expression of type bool
	statementKind                    // by the variable, as a statement of a block
)

// switchedSource returns a file that contains all of the mutants, without
// standalone ones, and an additional file that it needs. The mutants are numbered as in the
// list.
func switchedSource(mutants []mutant) (file, extra []byte) {
	source := mutants[0].source
	order := make([]int, len(mutants))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { // outer ones first
		x, y := mutants[a], mutants[b]
		if x.begin != y.begin {
			return x.begin - y.begin
		}
		return y.end - x.end
	})
	var out bytes.Buffer
	writeSwitched(&out, mutants, order, 0, len(source))
	return out.Bytes(), fmt.Appendf(nil, switchSource, path.Base(path.Dir(mutants[0].file)), switchVariable)
}

// writeSwitched writes a part of the source with the mutants within it.
func writeSwitched(out *bytes.Buffer, mutants []mutant, order []int, begin, end int) {
	source := mutants[0].source
	for len(order) > 0 {
		first := mutants[order[0]]
		same, inside := 1, 1 // mutants of the same text, and of it and its parts
		for ; inside < len(order) && mutants[order[inside]].begin < first.end; inside++ {
			if m := mutants[order[inside]]; m.begin == first.begin && m.end == first.end {
				same++
			}
		}
		out.Write(source[begin:first.begin])
		original := func() { writeSwitched(out, mutants, order[same:inside], first.begin, first.end) }
		writeChoice(out, mutants, order[:same], original)
		begin, order = first.end, order[inside:]
	}
	out.Write(source[begin:end])
}

// writeChoice writes a choice between mutants of the same text and the original.
func writeChoice(out *bytes.Buffer, mutants []mutant, same []int, original func()) {
	if mutants[same[0]].kind == statementKind {
		for _, i := range same {
			fmt.Fprintf(out, "if mutateIs(%q) { %s } else ", fmt.Sprint(i), mutants[i].to)
		}
		out.WriteString("{ ")
		original()
		out.WriteString(" }")
		return
	}
	out.WriteString("(")
	for _, i := range same {
		fmt.Fprintf(out, "mutateIs(%q) && (%s) || !mutateIs(%q) && (", fmt.Sprint(i), mutants[i].to, fmt.Sprint(i))
	}
	original()
	for range same {
		out.WriteString(")")
	}
	out.WriteString(")")
}
