package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fleet/apply/internal/buildlog"
	"fleet/internal/dockerfile"
	"fleet/internal/foreign"
	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

// buildLogTimeout limits the time to read the log of a build that failed.
const buildLogTimeout = 10 * time.Second

// BuildFailed reports whether the object failed because its image could not be built. If
// so, the next attempt of the operation reads the log of the build and returns a
// [BuildError]. It reports false if an earlier call reported true.
func (t *Task) BuildFailed(o *plan.Object) bool {
	if t.failedBuild != nil || o == nil || o.ID != t.ID || !o.Failed || t.Step.Want == nil || !t.Step.Want.BuildsImage() {
		return false
	}
	switch verb := t.Verb(); {
	case verb != plan.DoCreate && verb != plan.DoAwait:
		return false
	case o.State != state.BuildFailed && t.Step.Address.Kind != spec.SnapshotKind:
		return false // a sandbox fails so after its image was built
	}
	t.failedBuild = o
	return true
}

// BuildHasFailed reports whether the image of the task could not be built, or its local
// files could not be uploaded.
func (t *Task) BuildHasFailed() bool { return t.failedBuild != nil || t.uploadFailed }

// A BuildError is the error of an object whose image could not be built.
type BuildError struct {
	Image   string           // as in the spec
	Failure buildlog.Failure // where it failed
	Line    int              // of the Dockerfile, of the instruction that failed; 0 if unknown
	Tail    []string         // last lines of the log, without secrets
	Reason  error            // of the server
}

func (e *BuildError) Unwrap() error { return e.Reason }

// maxInstruction is the length in runes at which an instruction is cut.
const maxInstruction = 200

func (e *BuildError) Error() string {
	where := e.where()
	if where == "" {
		return e.Reason.Error()
	}
	image := "the image"
	if e.Image != "" && !strings.ContainsAny(e.Image, "\n") {
		image = "image " + foreign.Escape(e.Image)
	}
	return fmt.Sprintf("%s failed at %s: %s", image, where, e.Reason)
}

// where returns the step that failed; empty if nothing is known of it.
func (e *BuildError) where() string {
	f := e.Failure
	text := ""
	if f.Step > 0 {
		text = fmt.Sprintf("step %d/%d", f.Step, f.Steps)
		if f.Stage != "" {
			text += " of stage " + foreign.Escape(f.Stage)
		}
	}
	if f.Instruction != "" {
		instruction := []rune(foreign.Escape(f.Instruction))
		if len(instruction) > maxInstruction {
			instruction = append(instruction[:maxInstruction], []rune("...")...)
		}
		text = strings.TrimPrefix(text+": "+string(instruction), ": ")
	}
	var details []string
	if f.ExitCode > 0 {
		details = append(details, fmt.Sprintf("exit code %d", f.ExitCode))
	}
	if e.Line > 0 {
		details = append(details, fmt.Sprintf("line %d of the Dockerfile", e.Line))
	}
	if text == "" || len(details) == 0 {
		return text
	}
	return text + " (" + strings.Join(details, ", ") + ")"
}

// explainBuild returns the error of a build that failed. A log that cannot be read
// explains nothing, but the build failed anyway.
func explainBuild(ctx context.Context, e *Env, t *Task) error {
	o, want := t.failedBuild, t.Step.Want
	log := readBuildLog(ctx, e, t)
	failed := &BuildError{Failure: log.Failure(want.Redact(string(o.ErrorReason))), Tail: log.Tail(), Reason: errFailed(o)}
	if i, ok := want.BuiltImage(); ok {
		failed.Image, failed.Line = i.Name, failed.Failure.Line
		if failed.Line == 0 {
			failed.Line = lineOf(i.Dockerfile, failed.Failure)
		}
	}
	return failed
}

// readBuildLog reads the log of the build that failed. The lines that were not streamed
// are logged.
func readBuildLog(ctx context.Context, e *Env, t *Task) *buildlog.Log {
	ctx, cancel := context.WithTimeout(ctx, buildLogTimeout)
	defer cancel()
	log := &buildlog.Log{}
	content, err := t.kind().BuildLog(e.API, ctx, t.failedBuild.ID)
	if err != nil {
		return log
	}
	defer content.Close()
	log.Read(content, t.Step.Want.Redact, logFrom(ctx, e, t))
	return log
}

// logFrom returns what logs the lines of a build that were not streamed. If nothing was
// streamed, the lines are not wanted.
func logFrom(ctx context.Context, e *Env, t *Task) func(line string) {
	if t.StopLog == nil {
		return func(string) {}
	}
	streamed := t.StopLog()
	return func(line string) {
		if streamed--; streamed < 0 {
			e.Log(ctx, t.Step, plan.DoCreate, line)
		}
	}
}

// lineOf returns the line of the instruction that failed; 0 if it is not known, or more
// than one may be meant.
func lineOf(text string, f buildlog.Failure) int {
	file, _ := dockerfile.Parse(text) // which holds what could be read
	all := file.Instructions
	if f.Stage == "" && f.Steps == len(all) && f.Step > 0 && f.Step <= len(all) {
		return all[f.Step-1].Line
	}
	line := 0
	for _, i := range all {
		switch {
		case f.Instruction == "" || i.String() != strings.Join(strings.Fields(f.Instruction), " "):
		case line > 0:
			return 0
		default:
			line = i.Line
		}
	}
	return line
}

// BuildLogOf returns the last lines of the log of the build that failed with err, without
// secrets; nil if err is not about a build.
func BuildLogOf(err error) []string {
	if e, ok := errors.AsType[*BuildError](err); ok {
		return e.Tail
	}
	return nil
}
