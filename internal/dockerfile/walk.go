package dockerfile

import (
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A place is an instruction with the variables that it sees.
type place struct {
	Instruction
	command any // of package instructions; not expanded
	scope   *scope
	stages  []stageScope // the stages that are complete or started
	total   int          // number of stages of the file
}

type stageScope struct {
	name  string
	scope *scope // at the end of the stage
}

// walk calls visit for each instruction that has a valid form, with the variables before
// it. args are the values of build arguments.
func (f *File) walk(args map[string]string, visit func(place)) {
	global := newScope(f.escape)
	global.global = true
	for name, value := range platformArgs {
		global.values[name] = value
	}
	here := global
	var stages []stageScope
	if f.fragment {
		here, stages = newScope(f.escape), []stageScope{{}}
	}
	for _, i := range f.Instructions {
		command, err := instructions.ParseInstruction(i.node)
		if err != nil {
			continue
		}
		visit(place{i, command, hereOrGlobal(command, here, global), stages, len(f.Stages)})
		switch command := command.(type) {
		case *instructions.Stage:
			here = newScope(f.escape)
			base, _, _ := global.expand(command.BaseName)
			if n := stageIndex(stages, base); n >= 0 {
				here.inherit(stages[n].scope)
			}
			stages = append(stages, stageScope{command.Name, here})
		case *instructions.ArgCommand:
			if here == global {
				here.declare(command, nil, args)
			} else {
				here.declare(command, global, args)
			}
		case *instructions.EnvCommand:
			here.setEnv(command)
		}
	}
}

// hereOrGlobal returns the variables of an instruction: FROM sees the global arguments.
func hereOrGlobal(command any, here, global *scope) *scope {
	if _, from := command.(*instructions.Stage); from {
		return global
	}
	return here
}

// inherit sets the environment of the stage that a stage is based on.
func (s *scope) inherit(from *scope) {
	for name, known := range from.env {
		s.env[name] = known
		s.set(name, from.values[name], known)
	}
}

// stageIndex returns the index of the last stage with a name, or -1.
func stageIndex(stages []stageScope, name string) int {
	for n := len(stages) - 1; n >= 0; n-- {
		if stages[n].name != "" && strings.EqualFold(stages[n].name, name) {
			return n
		}
	}
	return -1
}

// isStage reports whether the source of a COPY --from is a stage, by name or by number.
func (p place) isStage(from string) bool {
	if n, err := strconv.Atoi(from); err == nil {
		return n >= 0 && n < len(p.stages)
	}
	return stageIndex(p.stages, from) >= 0
}
