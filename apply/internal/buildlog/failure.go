package buildlog

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// A Failure is where a build failed, as far as its log and the server's reason show it.
// The texts were written by others. The zero Failure is that of a build whose log shows
// nothing.
type Failure struct {
	Step, Steps int    // the number of the instruction and how many there are, within Stage if it is set; 0 if unknown
	Stage       string // empty for the only stage, or if unknown
	Instruction string // such as RUN make; empty if unknown
	Line        int    // of the Dockerfile; 0 if unknown
	ExitCode    int    // of its command; 0 if unknown
}

// A step is an instruction as a log shows it.
type step struct {
	number, of         int
	stage, instruction string
}

var (
	codes = regexp.MustCompile(`\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)`)

	classicStep   = regexp.MustCompile(`^Step (\d{1,6})/(\d{1,6}) : (.+)$`)
	vertexStep    = regexp.MustCompile(`^#(\d{1,6}) \[(?:([^\[\]]+) )?(\d{1,6})/(\d{1,6})\] (.+)$`)
	vertexError   = regexp.MustCompile(`^#(\d{1,6}) ERROR: `)
	failedStep    = regexp.MustCompile(`^ ?> \[(?:([^\[\]]+) )?(\d{1,6})/(\d{1,6})\] (.+?):?$`)
	dockerfileRow = regexp.MustCompile(`^(?:\S*/)?(?i:[\w.-]*dockerfile[\w.-]*):(\d{1,7})$`)

	// The command may hold quotes of its own, so that it ends at the last one.
	exitStatus = regexp.MustCompile(`(?:process "(.*)" did not complete successfully: exit code: |[Tt]he command '(.*)' returned a non-zero code: )(\d{1,6})`)
	shellWords = regexp.MustCompile(`^/bin/(?:ba)?sh -c `)
)

// scan looks for steps and errors in a line.
func (l *Log) scan(text string) {
	if m := classicStep.FindStringSubmatch(text); m != nil {
		s := newStep("", m[1], m[2], m[3])
		// The output of a command may look like a step, too.
		if l.classic.number == 0 || s.number == l.classic.number+1 && s.of == l.classic.of {
			l.classic = s
		}
		return
	}
	if m := vertexStep.FindStringSubmatch(text); m != nil {
		if l.vertices == nil {
			l.vertices = map[string]step{}
		}
		if len(l.vertices) < maxVertices {
			l.vertices[m[1]] = newStep(m[2], m[3], m[4], m[5])
		}
		return
	}
	if m := vertexError.FindStringSubmatch(text); m != nil {
		if s, known := l.vertices[m[1]]; known {
			l.failed = s
		}
	}
	if m := failedStep.FindStringSubmatch(text); m != nil {
		l.failed = newStep(m[1], m[2], m[3], m[4])
	}
	if m := dockerfileRow.FindStringSubmatch(text); m != nil {
		l.line = number(m[1])
	}
	l.scanStatus(text)
}

// scanStatus looks for the status of a command that failed.
func (l *Log) scanStatus(text string) {
	if m := exitStatus.FindStringSubmatch(text); m != nil {
		l.command, l.exitCode = cmp.Or(m[1], m[2]), number(m[3])
	}
}

// Failure returns where the build failed. reason is that of the server; it may be empty.
func (l *Log) Failure(reason string) Failure {
	for line := range strings.Lines(reason[:min(len(reason), maxReason)]) {
		l.scanStatus(strings.TrimRight(line, "\r\n"))
	}
	s := l.failed
	if s.number == 0 {
		s = l.classic
	}
	f := Failure{Step: s.number, Steps: s.of, Stage: s.stage, Instruction: s.instruction, Line: l.line, ExitCode: l.exitCode}
	if f.Instruction == "" && l.command != "" {
		f.Instruction = "RUN " + shellWords.ReplaceAllString(l.command, "")
	}
	return f
}

// maxReason is how much of the server's reason is searched, in bytes.
const maxReason = 64 << 10

// newStep returns a step of a log. The stage of a build for several platforms begins with
// the platform, and BuildKit numbers stages without a name.
func newStep(stage, n, of, instruction string) step {
	return step{number: number(n), of: number(of), stage: stage, instruction: strings.TrimSpace(instruction)}
}

// number returns the value of at most seven digits.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
