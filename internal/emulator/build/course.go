package build

import (
	"fmt"
	"strings"
)

// A Course is the course of a build.
type Course struct {
	Steps []Step // all steps of the stages that the image needs
	// Executed is the number of executed steps. The last one is the one that failed, if any.
	Executed int
	// Failure is the reason of the failure; "" if the build succeeds.
	Failure string
}

// A Step is one instruction and what it prints.
type Step struct{ Instruction, Output string }

// Failed returns the course of a build that fails before its first step.
func Failed(format string, args ...any) Course {
	return Course{Failure: "failed to build image: " + fmt.Sprintf(format, args...)}
}

// Plan returns the course of a build. It depends only on the Dockerfile and the context.
func Plan(dockerfile string, files *Context) Course {
	if files.dockerfile != nil {
		dockerfile = *files.dockerfile
	}
	all, err := read(dockerfile)
	if err != nil {
		return Failed("%v", firstLine(err))
	}
	needed := all.needed()
	var c Course
	var run []*instruction
	for _, i := range all.list {
		if i.stage < 0 || needed[i.stage] {
			c.Steps = append(c.Steps, Step{Instruction: i.text})
			run = append(run, i)
		}
	}
	for n, i := range run {
		c.Executed = n + 1
		var failure string
		if c.Steps[n].Output, failure = i.execute(files); failure != "" {
			c.Failure = "failed to build image: " + failure
			return c
		}
	}
	return c
}

// Log returns the log of the executed steps, one text for each.
func (c Course) Log() []string {
	log := make([]string, c.Executed)
	for n := range log {
		log[n] = fmt.Sprintf("Step %d/%d : %s\n%s", n+1, len(c.Steps), c.Steps[n].Instruction, c.Steps[n].Output)
	}
	return log
}

func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
