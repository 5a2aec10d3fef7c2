package dockerfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"fleet/internal/dockerfile"
)

// TestMistakes: every mistake is reported with its line and what to do.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		dockerfile string
		want       []string // a part of each problem, in order
	}{
		{"FROM a:1\nRUN x\n", nil},
		{"ARG V=1\nFROM a:$V\n", nil},
		{"", []string{"line 1 of the Dockerfile: the Dockerfile has no instructions"}},
		{"# only a comment\n\n", []string{"has no instructions"}},
		{"./Dockerfile\n", []string{"line 1 of the Dockerfile: unknown instruction: \"./Dockerfile\""}},
		{"RUN x\nFROM a:1\n", []string{"line 1 of the Dockerfile: the first instruction is RUN; only ARG may precede FROM; start with FROM"}},
		{"ARG V=1\nENV A=b\nFROM a:1\n", []string{"line 2 of the Dockerfile: the first instruction is ENV"}},
		{"ARG V=1\n", []string{"there is no FROM"}},
		{"FROM a:1\nRUM ls\nCOPPY a b\n", []string{`line 2 of the Dockerfile: unknown instruction: "RUM"; did you mean "RUN"?`, `line 3 of the Dockerfile: unknown instruction: "COPPY"; did you mean "COPY"?`}},
		{"FROM a:1\nRUN apt-get install\n  git curl\n", []string{`line 3 of the Dockerfile: unknown instruction: "git"; a line that continues`}},
		{"FROM a:1\nENV A\nLABEL b\nWORKDIR\nUSER\nEXPOSE\nCOPY x\nRUN ok\n", []string{
			"line 2 of the Dockerfile: ENV must have two arguments", "line 3 of the Dockerfile: LABEL must have two arguments",
			"line 4 of the Dockerfile: WORKDIR requires exactly one argument", "line 5 of the Dockerfile: USER requires exactly one argument",
			"line 6 of the Dockerfile: EXPOSE requires at least one argument", "line 7 of the Dockerfile: COPY requires at least two arguments",
		}},
		{"FROM\n", []string{"FROM requires either one or three arguments"}},
		{"FROM a:1 AS\n", []string{"FROM requires either one or three arguments"}},
		{"FROM a:1 AS 1x\n", []string{"invalid name for build stage"}},
		{"FROM a:1 AS b\nFROM c:1 AS B\n", []string{`line 2 of the Dockerfile: the stage in line 1 has the name "b", too`}},
		{"FROM a:1\nCOPY --form=b x y\n", []string{"unknown flag: --form"}},
		{"FROM a:1\nRUN <<EOF\nx\n", []string{"line 2 of the Dockerfile: unterminated heredoc; end the here-document"}},
		{"FROM a:1\nRUN echo $((1 << 2))\n", []string{"or write the << of a shift without spaces"}},
		{"FROM a:1\nRUN echo $((1<<2))\n", nil},
		{"FROM a:1\nRUN cat << \"EOF\" > x\nhello\n EOF\n", []string{"line 2 of the Dockerfile: unterminated heredoc; end the here-document with a line that holds only its delimiter, EOF"}},
		{"FROM a:1\nRUN <<A cat > x && <<-B cat\n1\nA\n2\n", []string{"a line that holds only its delimiter, B"}},
		{"FROM a:1\nRUN x=$((1 <<N))\nRUN ls\n", []string{"only its delimiter, N, or write the << of a shift without spaces, as in $((1<<2))"}},
		{"FROM a:1\nRUN\n", []string{"line 2 of the Dockerfile: RUN has no command"}},
		{"FROM a:1\nRUN --mont=type=cache x\n", []string{"unknown flag: --mont"}},
		{"FROM a:1\nENV A=1 B\nRUM x\n", []string{`can't find = in "B"`, `unknown instruction: "RUM"`}},
		{"# escape=x\nFROM a:1\n", []string{"line 1 of the Dockerfile: invalid escape token"}},
		{"# syntax=a\n# syntax=b\nFROM a:1\n", []string{"line 2 of the Dockerfile: only one syntax parser directive"}},
		{"FROM a:1\nRUN " + strings.Repeat("x", 70000) + "\n", []string{"line 2 of the Dockerfile: dockerfile line greater than"}},
		{"FROM a:1\nCOPY <<EOF /x\n" + strings.Repeat("x", 70000) + "\nEOF\nRUM ls\n", []string{
			"line 3 of the Dockerfile: dockerfile line greater than max allowed size of 65535; break the line, or copy its text from a file", `unknown instruction: "RUM"`,
		}},
		{"FROM a:1\nRUN x \\\n" + strings.Repeat("é", 40000) + "\\\n  && y\nRUN " + strings.Repeat("x", 70000) + "\n", []string{
			"line 3 of the Dockerfile: dockerfile line greater than", "line 5 of the Dockerfile: dockerfile line greater than",
		}},
	} {
		_, err := dockerfile.Parse(c.dockerfile)
		var problems dockerfile.Problems
		errors.As(err, &problems)
		sameProblems(t, c.dockerfile, problems, c.want)
	}
}

func sameProblems(t *testing.T, text string, got dockerfile.Problems, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%.60q: %d problems, want %d:\n%s", text, len(got), len(want), got.Error())
		return
	}
	for i, p := range got {
		if !strings.Contains(p.String(), want[i]) {
			t.Errorf("%.60q:\n got %s\nwant %s", text, p, want[i])
		}
	}
}

// TestCheck: mistakes that depend on variables, and warnings.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		dockerfile string
		want       []string
		warnings   bool // all of them
	}{
		{"FROM a:1\nENV A=1\n", nil, false},
		{"FROM Team/a:1\n", []string{`line 1 of the Dockerfile: "Team/a:1" is not a registry reference`}, false},
		{"ARG I=Team/a:1\nFROM $I\n", []string{`line 2 of the Dockerfile: "Team/a:1" is not`}, false},
		{"ARG I=\nFROM $I\n", []string{"the name of the base image is empty"}, false},
		{"ARG I\nFROM $I\n", []string{"I has no value; declare it before the first FROM"}, false},
		{"FROM debian:$V\n", []string{`the base image is "debian:$V", and V has no value`}, false},
		{"FROM debian${SUFFIX}:12\n", []string{"SUFFIX has no value"}, true},
		{"FROM ${BASE:-debian:12}\n", nil, false},
		{"FROM ${BASE:-Team/a:12}\n", []string{`"Team/a:12" is not a registry reference`}, false},
		{"FROM a:1\nCMD ['a', 'b']\nENTRYPOINT [\"a\", b]\nCOPY [\"a\" \"/b\"]\n", []string{"line 2 of the Dockerfile: CMD has a list that is not JSON", "line 3 of the Dockerfile: ENTRYPOINT has", "line 4 of the Dockerfile: COPY has"}, true},
		{"FROM a:1\nRUN [ -f x ] && echo [a]\nRUN [\"a\"]\nCMD [ \"a\" ]\nENTRYPOINT []\n", nil, false},
		{"FROM a:1\nCMD\nENTRYPOINT\n", []string{"CMD has no command", "ENTRYPOINT has no command"}, true},
		{"ARG V=1\nFROM a:1\nARG V\nCOPY --from=tools:$V /x /x\n", []string{"line 4 of the Dockerfile: variables are not expanded in --from; add a stage with FROM tools:$V AS name"}, false},
		{"FROM a:1\nCOPY --from=3 /x /x\n", []string{"there is no stage 3; stages are counted from 0"}, false},
		{"FROM a:1 AS builder\nFROM a:1\nCOPY --from=bulider /x /x\n", []string{`line 3 of the Dockerfile: there is no stage "bulider", so an image of that name is pulled; did you mean "builder"?`}, true},
		{"FROM a:1 AS builder\nFROM a:1\nCOPY --from=builder /x /x\nCOPY --from=0 /x /x\nCOPY --from=nginx /x /x\n", nil, false},
		{"FROM a:1\nCOPY --from=Team/a:1 /x /x\n", []string{`line 2 of the Dockerfile: "Team/a:1" is not`}, false},
		{"FROM a:1\nCOPY \"a b\" /m\n", []string{"looking for matching double-quote; quotes do not hold words together here"}, false},
		{"FROM a:1\nCOPY ${X:-a /m\n", []string{"syntax error: missing '}'"}, false},
		{"FROM a:1\nRUN --mount=type=bnd,target=/x ls\n", []string{`unsupported mount type "bnd"`}, false},
		{"FROM a:1\nRUN --mount=type=$X,target=/x ls\n", nil, false},
		{"FROM --platform=linux/arm64 a:1\n", []string{`the platform is "linux/arm64", and Daytona runs linux/amd64`}, true},
		{"FROM --platform=$TARGETPLATFORM a:1\n", nil, false},
		{"FROM a:1 AS scratch\n", []string{`"scratch" is reserved`}, true},
		{"FROM a:1\nENV API_TOKEN=abc\n", []string{"line 2 of the Dockerfile: ENV API_TOKEN looks like a secret"}, true},
		{"FROM a:1\nARG DB_PASSWORD='abc'\n", []string{"ARG DB_PASSWORD looks like a secret"}, true},
		{"FROM a:1\nENV A=b AWS_SECRET_ACCESS_KEY abc\n", nil, false},
		{"FROM a:1\nENV SECRET_KEY abc\n", []string{"ENV SECRET_KEY looks like a secret"}, true},
		{"FROM a:1\nARG API_TOKEN\nENV API_TOKEN=$API_TOKEN PASSWORD_FILE=/run/p MAX_TOKENS=4096 PASSWORD=\"\"\n", nil, false},
	} {
		f, _ := dockerfile.Parse(c.dockerfile)
		got := f.Check(nil)
		sameProblems(t, c.dockerfile, got, c.want)
		for _, p := range got {
			if p.Warning != c.warnings {
				t.Errorf("%q: warning is %t: %s", c.dockerfile, p.Warning, p)
			}
			if strings.Contains(p.String(), "abc") {
				t.Errorf("%q: the value of the secret is printed: %s", c.dockerfile, p)
			}
		}
	}
}

// TestInstructions: instructions have their lines, text and stage.
func TestInstructions(t *testing.T) {
	f, err := dockerfile.Parse("# c\nARG V=1\r\nFROM a:$V AS One\n\nRUN a \\\n  # inside\n  b\nfrom b:1\nRUN <<EOF\nx\nEOF\nCMD x")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range f.Instructions {
		got = append(got, fmt.Sprintf("%d-%d %s %d %q %s", i.Line, i.End, i.Keyword, i.Stage, i.Text, i))
	}
	want := []string{
		`2-2 ARG -1 "ARG V=1" ARG V=1`,
		`3-3 FROM 0 "FROM a:$V AS One" FROM a:$V AS One`,
		`5-7 RUN 0 "RUN a \\\n  # inside\n  b" RUN a b`,
		`8-8 FROM 1 "from b:1" from b:1`,
		`9-11 RUN 1 "RUN <<EOF\nx\nEOF" RUN <<EOF`,
		`12-12 CMD 1 "CMD x" CMD x`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(f.Stages) != 2 || f.Stages[0] != (dockerfile.Stage{Line: 3, Name: "one", Image: "a:$V"}) {
		t.Errorf("stages: %+v", f.Stages)
	}
}

// TestFragment: instructions that follow a FROM of another text need none of their own.
func TestFragment(t *testing.T) {
	f, err := dockerfile.ParseFragment("COPY x /x\nENV A=b\nCOPY $A /x")
	if err != nil || len(f.LocalSources(nil)) != 2 || f.Instructions[0].Stage != 0 {
		t.Errorf("%v: %+v", err, f.LocalSources(nil))
	}
	if _, err := dockerfile.ParseFragment("RUM x"); err == nil || !strings.Contains(err.Error(), "RUN") {
		t.Errorf("no error for an unknown instruction: %v", err)
	}
}

// TestContinuation: what is appended to a Dockerfile may become a part of its last line.
func TestContinuation(t *testing.T) {
	for text, want := range map[string]bool{
		"FROM a:1\nRUN a":                      false,
		"FROM a:1\nRUN a \\":                   true,
		"FROM a:1\nRUN a \\\n":                 true,
		"FROM a:1\nRUN a \\  \t":               true,
		"FROM a:1\nRUN a \\\n# comment\n\n":    true,
		"FROM a:1\nRUN a \\\\":                 false,
		"FROM a:1\nRUN a `":                    false,
		"# escape=`\nFROM a:1\nRUN a `":        true,
		"# escape=`\nFROM a:1\nRUN a \\":       false,
		"FROM a:1\n# comment \\\n":             false,
		"FROM a:1\r\nRUN a \\\r\n":             true,
		"FROM a:1\nRUN <<EOF\nx \\\nEOF\n":     false,
		"FROM a:1\nCOPY <<EOF /x\nx\nEOF\n\n#": false,
	} {
		if f, _ := dockerfile.Parse(text); f.EndsInContinuation() != want {
			t.Errorf("%q: %t, want %t", text, !want, want)
		}
	}
	for text, want := range map[string]bool{"a": true, "a\nb": false, "a \\\nb": true, "a \\\r\nb": true, "a\\\\\nb": false, "": true, "\n": false} {
		if dockerfile.IsOneLine(text) != want {
			t.Errorf("one line %q: %t, want %t", text, !want, want)
		}
	}
}

// TestLongestLine: exactly the lines that the parser refuses are reported.
func TestLongestLine(t *testing.T) {
	for length := 65530; length < 65540; length++ {
		for _, end := range []string{"\n", "", "\nRUN y\n"} {
			text := "FROM a:1\nRUN " + strings.Repeat("x", length-len("RUN ")) + end
			_, wrong := parser.Parse(strings.NewReader(text))
			if _, err := dockerfile.Parse(text); (err != nil) != (wrong != nil) {
				t.Errorf("length %d, end %q: %v; the parser: %v", length, end, err, wrong)
			}
		}
	}
}
