package build_test

import (
	"archive/tar"
	"bytes"
	"strings"
	"testing"

	"fleet/internal/emulator/build"
)

// contextOf returns a context with these entries: a name, with a trailing slash for a
// directory, "a -> b" for a link, and "a = text" for a file with a content.
func contextOf(t *testing.T, entries ...string) *build.Context {
	t.Helper()
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for _, e := range entries {
		name, text, _ := strings.Cut(e, " = ")
		head := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if link, target, ok := strings.Cut(name, " -> "); ok {
			head.Name, head.Linkname, head.Typeflag = link, target, tar.TypeSymlink
		}
		if strings.HasSuffix(name, "/") {
			head.Typeflag = tar.TypeDir
		}
		if err := out.WriteHeader(head); err != nil {
			t.Fatal(err)
		}
		out.Write([]byte(text))
	}
	out.Close()
	var c build.Context
	c.Add(&b)
	return &c
}

// TestFailures: what BuildKit builds is built, and what it refuses fails with its text at
// the step that is wrong.
func TestFailures(t *testing.T) {
	files := contextOf(t, "one.txt", "a b.txt", "src/x.go", "empty/", "link -> src")
	const missing = "failed to build image: COPY failed: file not found in build context: stat "
	for _, c := range []struct {
		dockerfile string
		executed   int
		failure    string // its start; "" if the build succeeds
	}{
		{"FROM a:1\nCOPY one.txt /m", 2, ""},
		{"FROM a:1\nARG F=one.txt\nCOPY $F /m", 3, ""},
		{"ARG F=one.txt\nFROM a:1\nARG F\nCOPY $F /m", 4, ""},
		{"ARG F=one.txt\nFROM a:1\nCOPY $F/none /m", 3, missing + "/none: file"},
		{"FROM a:1\nENV F=one.txt\nCOPY ${F} /m", 3, ""},
		{"FROM a:1 AS b\nENV F=one.txt\nFROM b\nCOPY $F /m", 4, ""},
		{"FROM a:1\nCOPY \"one.txt\" /m", 2, ""},
		{"FROM a:1\nCOPY [\"a b.txt\", \"/m\"]", 2, ""},
		{"FROM a:1\nCOPY ./src/ /m", 2, ""},
		{"FROM a:1\nCOPY --parents ./src/./x.go /m", 2, ""},
		{"FROM a:1\nCOPY *.txt none* /m/", 2, ""},
		{"FROM a:1\nCOPY empty /m", 2, missing + "empty: file"},
		{"FROM a:1\nCOPY link/x.go /m", 2, missing + "link/x.go: file"},
		{"FROM a:1\nRUN x\nCOPY one.txt none.txt /m/\nRUN y", 3, missing + "none.txt: file"},
		{"FROM a:1\nADD https://example.com/x git@example.com:a/b.git /m/", 2, ""},
		{"FROM a:1\nCOPY <<EOF /m\nx\nEOF", 2, ""},
		{"FROM a:1 AS unused\nCOPY none /m\nFROM a:1", 1, ""},
		{"FROM a:1 AS used\nCOPY none /m\nFROM a:1\nCOPY --from=used /m /m", 2, missing + "none: file"},
		{"FROM a:1 AS used\nCOPY none /m\nFROM a:1\nRUN --mount=from=0,target=/x ls", 2, missing + "none: file"},
		{"FROM a:1\nRUN --mount=type=bind,source=one.txt,target=/x ls", 2, ""},
		{"FROM a:1\nRUN --mount=type=bind,source=none,target=/x ls", 2, `failed to build image: failed to compute cache key: failed to calculate checksum of ref: "/none": not found`},
		// Commands.
		{"FROM a:1\nRUN true\nRUN exit 1\nRUN x", 3, `failed to build image: process "/bin/sh -c exit 1" did not complete successfully: exit code: 1`},
		{"FROM a:1\nRUN apt-get update && \\\n  exit 3", 2, `failed to build image: process "/bin/sh -c apt-get update &&   exit 3" did not complete successfully: exit code: 3`},
		{"FROM a:1\nRUN false || true", 2, ""},
		{"FROM a:1\nRUN ! true", 2, `failed to build image: process "/bin/sh -c ! true"`},
		{"FROM a:1\nRUN [\"/bin/sh\", \"-c\", \"exit 2\"]", 2, `failed to build image: process "/bin/sh -c exit 2" did not complete successfully: exit code: 2`},
		{"FROM a:1\nRUN <<EOF\ntrue\nexit 4\nEOF", 2, `failed to build image: process "/bin/sh -c <<EOF" did not complete successfully: exit code: 4`},
		{"FROM a:1\nRUN cat <<A - <<\"B\" && false\nx\nA\n(\nB", 2, `failed to build image: process "/bin/sh -c cat <<A - <<\"B\" && false" did not`},
		{"FROM a:1\nRUN <<A cat\n(\nA\nRUN <<-A\n\ttrue\n\tA", 3, ""},
		{"FROM a:1\nRUN (", 2, `failed to build image: process "/bin/sh -c (" did not complete`},
		{"FROM a:1\nRUN echo 'exit 1'; x $(exit 1) | false", 2, ""},
		// Texts that are no Dockerfiles.
		{"./Dockerfile", 0, "failed to build image: dockerfile parse error on line 1: unknown instruction: ./Dockerfile"},
		{"FROM a:1\n\nRUM x", 0, "failed to build image: dockerfile parse error on line 3: unknown instruction: RUM"},
		{"RUN x\nFROM a:1", 0, "failed to build image: no build stage in current context"},
		{"ARG A=b", 0, "failed to build image: no build stage in current context"},
		{"", 0, "failed to build image: dockerfile parse error on line 0: file with no instructions"},
		{"FROM a:1\nENV A", 0, "failed to build image: dockerfile parse error on line 2: ENV must have two arguments"},
		{"FROM a:1\nCOPY <<EOF /m\nx", 0, "failed to build image: dockerfile parse error on line 2: unterminated heredoc"},
		{"ARG I\nFROM $I", 0, "failed to build image: dockerfile parse error on line 2: base name ($I) should not be blank"},
		{"FROM team/A", 0, `failed to build image: dockerfile parse error on line 1: failed to parse stage name "team/A": invalid reference format`},
	} {
		got := build.Plan(c.dockerfile, files)
		if got.Executed != c.executed || (got.Failure == "") != (c.failure == "") || !strings.HasPrefix(got.Failure, c.failure) {
			t.Errorf("%q: %d steps, %q; want %d, %q", c.dockerfile, got.Executed, got.Failure, c.executed, c.failure)
		}
	}
}

// TestDockerfileInContext: a Dockerfile in the root of the context replaces that of the
// request; one that is a link is empty.
func TestDockerfileInContext(t *testing.T) {
	got := build.Plan("FROM a:1\n", contextOf(t, "./Dockerfile = FROM b:2\nRUN x\n", "src/Dockerfile = no"))
	if log := strings.Join(got.Log(), ""); log != "Step 1/2 : FROM b:2\nStep 2/2 : RUN x\n" {
		t.Errorf("log %q", log)
	}
	if got := build.Plan("FROM a:1\n", contextOf(t, "Dockerfile -> src/Dockerfile")); !strings.Contains(got.Failure, "no instructions") {
		t.Errorf("a link: %+v", got)
	}
}

// TestBrokenArchive: the rest of an archive that cannot be read is skipped.
func TestBrokenArchive(t *testing.T) {
	c := contextOf(t, "a")
	c.Add(strings.NewReader(strings.Repeat("junk", 1000)))
	c.Add(strings.NewReader(""))
	if got := build.Plan("FROM x:1\nCOPY a /", c); got.Failure != "" {
		t.Errorf("%+v", got)
	}
}

// TestLog: the log has each step, its output and no step after the one that failed.
func TestLog(t *testing.T) {
	got := build.Plan("from a:1\nRUN echo \"one  two\" && \\\n  # comment\n  echo three\nRUN echo four; exit 9\nRUN echo five\n", &build.Context{})
	want := "Step 1/4 : FROM a:1\nStep 2/4 : RUN echo \"one two\" && echo three\none  two\nthree\nStep 3/4 : RUN echo four; exit 9\nfour\n"
	if log := strings.Join(got.Log(), ""); log != want {
		t.Errorf("got %q\nwant %q", log, want)
	}
}

// FuzzPlan: no Dockerfile and no archive makes the simulation panic.
func FuzzPlan(f *testing.F) {
	f.Add("FROM a:1\nARG A=b\nCOPY $A /\nRUN x && (y || exit 1)\nRUN <<E\nfalse\nE\n", []byte("tar"))
	f.Add("FROM a AS b\nFROM b\nCOPY --from=b x* /y\nRUN --mount=source=x,target=y z\nRUN [\"sh\",\"-c\",\"false\"]", []byte{})
	f.Fuzz(func(t *testing.T, dockerfile string, archive []byte) {
		var c build.Context
		c.Add(bytes.NewReader(archive))
		got := build.Plan(dockerfile, &c)
		if got.Executed > len(got.Steps) || got.Failure == "" && got.Executed != len(got.Steps) {
			t.Fatalf("%q: %+v", dockerfile, got)
		}
		got.Log()
	})
}
