package buildlog_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"fleet/apply/internal/buildlog"
	"fleet/internal/foreign"
)

// read returns a log after its text was read.
func read(text string) *buildlog.Log {
	var l buildlog.Log
	l.Read(strings.NewReader(text), strings.Clone, func(string) {})
	return &l
}

// TestFailure checks that the failing step is found in the spellings of both builders.
func TestFailure(t *testing.T) {
	const classic = "Step 1/3 : FROM debian:12\n ---> 1234\nStep 2/3 : RUN pip install x\n ---> Running in 5678\nno such package\n"
	const vertices = "#1 [internal] load build definition from Dockerfile\n#5 [stage-1 1/5] FROM debian\n#6 [stage-1 2/5] RUN make all\n#7 [build 1/2] RUN true\n#6 0.312 make: *** No rule\n#7 DONE 0.1s\n"
	for name, c := range map[string]struct {
		log, reason string
		want        buildlog.Failure
	}{
		"nothing":              {"", "", buildlog.Failure{}},
		"only the reason":      {"", `failed to build image: process "/bin/sh -c echo "a b" && false" did not complete successfully: exit code: 7`, buildlog.Failure{Instruction: `RUN echo "a b" && false`, ExitCode: 7}},
		"a reason of no use":   {"hello\n", "Timeout while building", buildlog.Failure{}},
		"classic":              {classic, "", buildlog.Failure{Step: 2, Steps: 3, Instruction: "RUN pip install x"}},
		"classic with status":  {classic + "The command '/bin/sh -c pip install x' returned a non-zero code: 2\n", "", buildlog.Failure{Step: 2, Steps: 3, Instruction: "RUN pip install x", ExitCode: 2}},
		"classic, CRLF":        {strings.ReplaceAll(classic, "\n", "\r\n"), "", buildlog.Failure{Step: 2, Steps: 3, Instruction: "RUN pip install x"}},
		"classic, colored":     {"\x1b[1mStep 1/1 : RUN x\x1b[0m\n", "", buildlog.Failure{Step: 1, Steps: 1, Instruction: "RUN x"}},
		"output like a step":   {classic + "Step 9/9 : RUN evil\n", "", buildlog.Failure{Step: 2, Steps: 3, Instruction: "RUN pip install x"}},
		"BuildKit's vertex":    {vertices + "#6 ERROR: process \"/bin/sh -c make all\" did not complete successfully: exit code: 2\n", "", buildlog.Failure{Step: 2, Steps: 5, Stage: "stage-1", Instruction: "RUN make all", ExitCode: 2}},
		"another vertex fails": {vertices + "#7 ERROR: executor failed\n", "", buildlog.Failure{Step: 1, Steps: 2, Stage: "build", Instruction: "RUN true"}},
		"an unknown vertex":    {vertices + "#99 ERROR: executor failed\n", "", buildlog.Failure{}},
		"BuildKit's summary":   {"------\n > [build 2/5] RUN make all:\n0.3 No rule\n------\nDockerfile:12\n--------------------\n  12 | >>> RUN make all\n--------------------\nERROR: failed to solve: process \"/bin/sh -c make all\" did not complete successfully: exit code: 2\n", "", buildlog.Failure{Step: 2, Steps: 5, Stage: "build", Instruction: "RUN make all", Line: 12, ExitCode: 2}},
		"one stage":            {" > [3/7] RUN x:\n", "", buildlog.Failure{Step: 3, Steps: 7, Instruction: "RUN x"}},
		"another Dockerfile":   {"> [1/1] COPY a b:\nsub/api.Dockerfile:3\n", "", buildlog.Failure{Step: 1, Steps: 1, Instruction: "COPY a b", Line: 3}},
		"numbers beyond all":   {"Step 99999999999999999999/3 : RUN x\nDockerfile:99999999999999999999\n", "", buildlog.Failure{}},
	} {
		if got := read(c.log).Failure(c.reason); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// TestTail checks that the end of a log is kept, and that what was edited away is not.
func TestTail(t *testing.T) {
	var text strings.Builder
	for i := range 70 {
		fmt.Fprintf(&text, "secret %d\r\n", i)
	}
	var l buildlog.Log
	l.Read(strings.NewReader(text.String()+"10%\r50%\r\x1b[32mdone\x1b[0m\nuntil\tthe \u202eend\a"), hide, func(string) {})
	tail := l.Tail()
	if len(tail) != buildlog.MaxTail || tail[0] != "(hidden) 22" || !slices.Equal(tail[48:], []string{"done", `until  the \u202eend\x07`}) || l.Lines != 72 {
		t.Errorf("%d lines, %q", l.Lines, tail)
	}
}

func hide(s string) string { return strings.ReplaceAll(s, "secret", "(hidden)") }

// TestLinesHide checks that no part of a secret remains where a line is cut.
func TestLinesHide(t *testing.T) {
	for _, before := range []int{buildlog.MaxLineLength - 3, 2*buildlog.MaxLineLength - 3} {
		lines := buildlog.NewLines(strings.NewReader(strings.Repeat("x", before)+"secret\n"), hide)
		if got, err := lines.Next(); strings.Contains(got, "s") || err != nil {
			t.Errorf("%d bytes end in %q, %v", len(got), got[len(got)-8:], err)
		}
	}
}

// TestLines checks that a line is cut, and that an error ends the log.
func TestLines(t *testing.T) {
	long := strings.Repeat("x", 3*buildlog.MaxLineLength)
	lines := buildlog.NewLines(io.MultiReader(strings.NewReader(long+"\nshort\n"), iotest.ErrReader(io.ErrUnexpectedEOF)), strings.Clone)
	for _, want := range []string{long[:buildlog.MaxLineLength], "short"} {
		if got, err := lines.Next(); got != want || err != nil {
			t.Errorf("got %d bytes and %v, want %d", len(got), err, len(want))
		}
	}
	if _, err := lines.Next(); err != io.ErrUnexpectedEOF { //nolint:errorlint // it is the error itself
		t.Error(err)
	}
}

func FuzzLog(f *testing.F) {
	f.Add("Step 1/2 : RUN x\n#1 [a 1/2] RUN y\n#1 ERROR: z\n > [a 1/2] RUN y:\nDockerfile:1\n", "process \"x\" did not complete successfully: exit code: 1")
	f.Fuzz(func(t *testing.T, text, reason string) {
		l := read(text)
		got := l.Failure(reason)
		if got.Step < 0 || got.Steps < 0 || got.Line < 0 || got.ExitCode < 0 || len(l.Tail()) > buildlog.MaxTail {
			t.Errorf("%+v, %d lines", got, len(l.Tail()))
		}
		for _, line := range l.Tail() {
			if len(line) > buildlog.MaxLineLength || foreign.Escape(line) != line {
				t.Errorf("%q", line)
			}
		}
	})
}
