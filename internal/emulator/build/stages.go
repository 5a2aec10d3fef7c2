package build

import (
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// find returns the index of the last stage with a name, or -1 if there is none.
func (p *program) find(name string) int {
	for n := len(p.stages) - 1; n >= 0; n-- {
		if p.stages[n].name != "" && strings.EqualFold(p.stages[n].name, name) {
			return n
		}
	}
	return -1
}

// needed returns the stages that the last stage needs. BuildKit skips all others.
func (p *program) needed() map[int]bool {
	needed := map[int]bool{}
	todo := []int{len(p.stages) - 1}
	for len(todo) > 0 {
		n := todo[0]
		todo = todo[1:]
		if needed[n] {
			continue
		}
		needed[n] = true
		before := program{stages: p.stages[:n]}
		for _, name := range p.stages[n].uses {
			at := before.find(name)
			if number, err := strconv.Atoi(name); err == nil && number >= 0 && number < n {
				at = number
			}
			if at >= 0 {
				todo = append(todo, at)
			}
		}
	}
	return needed
}

// sourcesOf returns the stages and images that an instruction copies from.
func sourcesOf(command any) []string {
	switch c := command.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			return []string{c.From}
		}
	case *instructions.RunCommand:
		var all []string
		for _, m := range instructions.GetMounts(c) {
			if m.From != "" {
				all = append(all, m.From)
			}
		}
		return all
	}
	return nil
}
