package dockerfile_test

import (
	"fmt"
	"strings"
	"testing"

	"fleet/internal/dockerfile"
)

// sourceLines returns the local sources as "line pattern", with "?NAME" for an unknown
// variable.
func sourceLines(text string, args map[string]string) string {
	f, _ := dockerfile.Parse(text)
	var all []string
	for _, s := range f.LocalSources(args) {
		one := fmt.Sprintf("%d %s", s.Line, s.Pattern)
		if s.Unknown != "" {
			one += " ?" + s.Unknown
		}
		all = append(all, one)
	}
	return strings.Join(all, "; ")
}

// TestLocalSources: only what comes from the build context is a local source, with its
// variables expanded as Docker does.
func TestLocalSources(t *testing.T) {
	for _, c := range []struct{ dockerfile, want string }{
		{"FROM a:1\nRUN ls\n", ""},
		{"FROM a:1\nCOPY app /app\n", "2 app"},
		{"FROM a:1\ncopy --chown=1:1 app /app\n", "2 app"},
		{"FROM a:1\nCOPY [\"a b\", \"/app\"]\n", "2 a b"},
		{"FROM a:1\nCOPY [\"a\",\"/b\"]\n", "2 a"},
		{"FROM a:1\nCOPY \"one.txt\" /m\n", "2 one.txt"},
		{"FROM a:1\nCOPY 'a$b' /m\n", "2 a$b"},
		{"FROM a:1\nCOPY *.txt d[0-9]? /m/\n", "2 *.txt; 2 d[0-9]?"},
		{"FROM a:1\nADD app.tar /\n", "2 app.tar"},
		{"FROM a:1\nADD https://example.com/a.tar /\n", ""},
		{"FROM a:1\nADD HTTPS://example.com/a.tar /\n", ""},
		{"FROM a:1\nADD --checksum=sha256:0 https://example.com/a.tar /\n", ""},
		{"FROM a:1\nADD git@example.com:a/b.git /src\n", ""},
		{"FROM a:1\nADD deploy@example.com:a/b.git /src\n", ""},
		{"FROM a:1\nADD ssh://git@example.com/a/b.git /src\n", ""},
		{"FROM a:1\nADD $URL /\n", ""},
		{"FROM a:1\nARG URL=https://example.com/a\nADD $URL/b /\n", ""},
		{"FROM a:1\nADD https://example.com/a b /\n", "2 b"},
		{"FROM a:1\nCOPY https://example.com/a /\n", "2 https://example.com/a"},
		{"FROM a:1 AS b\nFROM c:1\nCOPY --from=b /x /x\n", ""},
		{"FROM a:1\nCOPY --chmod=755 --from=b /x /x\n", ""},
		{"FROM a:1\nCOPY --link --parents --exclude=*.md ./src/**/*.go /x/\n", "2 ./src/**/*.go"},
		{"FROM a:1\nCOPY <<EOF /etc/motd\nCOPY x y\nEOF\nRUN true\n", ""},
		{"FROM a:1\nCOPY <<EOF real.txt /etc/\nx\nEOF\n", "2 real.txt"},
		{"FROM a:1\nRUN <<EOF\nCOPY x y\nEOF\nCOPY x y\n", "5 x"},
		{"FROM a:1\nRUN <<\"EOF\" cat && <<-B cat\nEOF x\nEOF\n\tCOPY no no\n\tB\nCOPY x y\n", "7 x"},
		{"FROM a:1\nRUN echo \\\n  COPY x y\n", ""},
		{"FROM a:1\nRUN echo \\\n# COPY x y\n\n  end\nCOPY \\\n  x y\n", "6 x"},
		{"# escape=`\nFROM a:1\nRUN echo `\n  COPY x y\n", ""},
		{"FROM a:1\n# COPY x y\n", ""},
		{"FROM a:1\nONBUILD COPY x y\n", ""},
		{"FROM a:1 AS unused\nCOPY x /\nFROM b:1\nCOPY y /\n", "2 x; 4 y"},
		// Variables.
		{"FROM a:1\nARG F=one.txt\nCOPY $F /m\n", "3 one.txt"},
		{"FROM a:1\nARG F=one.txt\nCOPY ${F%.txt}.md /m\n", "3 one.md"},
		{"FROM a:1\nARG F=one.txt\nCOPY [\"$F\", \"/m\"]\n", "3 one.txt"},
		{"ARG F=one.txt\nFROM a:1\nARG F\nCOPY $F /m\n", "4 one.txt"},
		{"ARG F=one.txt\nFROM a:1\nCOPY $F /m\n", "3 $F ?F"},
		{"ARG D=d\nARG F=$D/f\nFROM a:1\nARG F\nCOPY $F /m\n", "5 d/f"},
		{"FROM a:1\nENV D=src E=$D\nCOPY $D $E /m\n", "3 src; 3 $E ?E"},
		{"FROM a:1\nENV D=src\nENV E=$D/e\nCOPY $E /m\n", "4 src/e"},
		{"FROM a:1\nENV D=src\nARG D=other\nCOPY $D /m\n", "4 src"},
		{"FROM a:1 AS b\nENV D=src\nARG A=x\nFROM b\nCOPY $D $A /m\n", "5 src; 5 $A ?A"},
		{"FROM a:1\nCOPY ${HOME}/x /m\n", "2 ${HOME}/x ?HOME"},
		{"FROM a:1\nARG X\nCOPY ${X:-dist} $X/y /m\n", "3 dist; 3 $X/y ?X"},
		{"FROM a:1\nCOPY ${X:-dist} /m\n", "2 ${X:-dist} ?X"},
		{"FROM a:1\nARG TARGETARCH\nCOPY bin-$TARGETARCH /m\n", "3 bin-amd64"},
		{"ARG TARGETARCH\nFROM a:1\nARG TARGETARCH\nCOPY bin-$TARGETARCH /m\n", "4 bin-amd64"},
		{"FROM a:1\nENV D=$PATH/x\nARG D=other\nCOPY $D /m\n", "4 $D ?D"},
		{"FROM a:1 AS b\nENV D=$PATH/x\nFROM b\nARG D=other\nCOPY $D /m\n", "5 $D ?D"},
		{"FROM a:1\nARG D=one\nARG D=two\nCOPY $D /m\nARG D=three\nCOPY $D /m\n", "4 two; 6 three"},
		{"ARG D=one\nFROM a:1\nARG D=two\nCOPY $D /m\nFROM a:1\nARG D\nCOPY $D /m\n", "4 two; 7 one"},
		{"FROM a:1\nARG N=2 GIVEN=default\nCOPY $GIVEN$N /m\n", "3 given2"},
		{"FROM a:1\nCOPY \\$x /m\n", "2 $x"},
		// Bind mounts.
		{"FROM a:1\nRUN --mount=type=bind,source=req.txt,target=/r pip install -r /r\n", "2 req.txt"},
		{"FROM a:1\nRUN --mount=target=/src make\n", "2 /"},
		{"FROM a:1\nARG D=src\nRUN --mount=type=bind,src=$D,dst=/src make\n", "3 src"},
		{"FROM a:1\nRUN --mount=from=b,source=x,target=/src make\n", ""},
		{"FROM a:1\nRUN --mount=type=cache,target=/c --mount=type=secret,id=s --mount=type=tmpfs,target=/t make\n", ""},
		{"FROM a:1\nRUN --mount=type=bind,source=$X,target=/src make\n", "2 / ?X"},
	} {
		if got := sourceLines(c.dockerfile, map[string]string{"GIVEN": "given"}); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.dockerfile, got, c.want)
		}
		if got := sourceLines("\ufeff"+strings.ReplaceAll(c.dockerfile, "\n", "\r\n"), map[string]string{"GIVEN": "given"}); got != c.want {
			t.Errorf("%q with CRLF:\n got %s\nwant %s", c.dockerfile, got, c.want)
		}
	}
}

// TestSourceDetails: the options of a COPY are read, and its stage.
func TestSourceDetails(t *testing.T) {
	f, err := dockerfile.Parse("FROM a:1 AS one\nFROM b:1\nCOPY --parents --exclude=*.md --exclude=x \\\n  src /app\n")
	if err != nil {
		t.Fatal(err)
	}
	got := f.LocalSources(nil)
	if len(got) != 1 || !got[0].Parents || strings.Join(got[0].Exclude, " ") != "*.md x" || got[0].Stage != 1 || got[0].Dest != "/app" ||
		got[0].Instruction != "COPY --parents --exclude=*.md --exclude=x src /app" {
		t.Errorf("got %+v", got)
	}
}

// TestBases: the images that a build reads from registries.
func TestBases(t *testing.T) {
	for _, c := range []struct{ dockerfile, want string }{
		{"FROM a:1\nFROM scratch\n", "1 FROM a:1"},
		{"FROM a:1 AS Build\nFROM build\nFROM 'c:1'\n", "1 FROM a:1; 3 FROM c:1"},
		{"ARG V=3\nFROM a:$V\nCOPY --from=tools:2 /x /x\nCOPY --from=0 /x /x\n", "2 FROM a:3; 3 COPY tools:2"},
		{"ARG V\nFROM a:$V\n", "2 FROM a:$V"},
		{"FROM a:1\nRUN --mount=from=tools:2,target=/t x\nRUN --mount=target=/t x\n", "1 FROM a:1; 2 RUN tools:2"},
		{"ARG V=1\nFROM --platform=$BUILDPLATFORM a:${GIVEN}\n", "2 FROM a:given"},
	} {
		f, _ := dockerfile.Parse(c.dockerfile)
		args := map[string]string{}
		if strings.Contains(c.dockerfile, "GIVEN") {
			args["GIVEN"] = "given"
			f, _ = dockerfile.Parse("ARG GIVEN\n" + strings.TrimPrefix(c.dockerfile, "ARG V=1\n"))
		}
		var got []string
		for _, b := range f.Bases(args) {
			got = append(got, fmt.Sprintf("%d %s %s", b.Line, b.Keyword, b.Image))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.dockerfile, s, c.want)
		}
	}
}
