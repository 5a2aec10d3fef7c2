package dockerfile_test

import (
	"testing"

	"fleet/internal/dockerfile"
)

// TestSameBuild: two texts are the same build if Docker and a shell read the same words.
func TestSameBuild(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		// Words of a shell.
		{`RUN pip install 'requests>=2'`, `RUN pip install requests\>\=2`, true},
		{`RUN pip install 'requests>=2'`, `RUN pip install "requests>=2"`, true},
		{`RUN pip install 'requests>=2'`, `RUN pip install requests>=2`, false},
		{`RUN pip install 'a b'`, `RUN pip install a b`, false},
		{`RUN pip install 'a b'`, `RUN pip  install   a\ b`, true},
		{`RUN echo 'it'\''s'`, `RUN echo "it's"`, true},
		{`RUN echo '$HOME'`, `RUN echo "$HOME"`, false},
		{`RUN echo '$HOME'`, `RUN echo \$HOME`, true},
		{`RUN echo "$HOME"`, `RUN echo $HOME`, false},
		{`RUN echo "${A:-b}"`, `RUN echo "${A:-'b'}"`, false},
		{`RUN ls '*.py'`, `RUN ls *.py`, false},
		{`RUN ls '*.py'`, `RUN ls \*.py`, true},
		{`RUN ls *.py`, `RUN ls *'.py'`, true},
		{`RUN ls ~`, `RUN ls '~'`, false},
		{`RUN ls [a-c]`, `RUN ls [a\-c]`, false},
		{`RUN ls {a,b}`, `RUN ls {a\,b}`, false},
		{`RUN [[ a =~ 'b.' ]]`, `RUN [[ a =~ b. ]]`, false},
		{`RUN echo $'a\n'`, `RUN echo \$'a\n'`, false},
		{`RUN echo '' a`, `RUN echo "" a`, true},
		{`RUN echo '' a`, `RUN echo a`, false},
		{`RUN A=b c`, `RUN 'A=b' c`, false},
		{`RUN if true; then x; fi`, `RUN 'if' true; then x; fi`, false},
		{`RUN a && b 'c'`, `RUN a && b "c"`, true},
		{`RUN a && b`, `RUN a || b`, false},
		{`RUN a; b`, `RUN a \; b`, false},
		{`RUN a > 'b'`, `RUN a > b`, true},
		{`RUN a "$(b 'c')"`, `RUN a "$(b c)"`, true},
		{`RUN a "$(b 'c')"`, `RUN a "$(b d)"`, false},
		{`RUN a 'b`, `RUN a "b`, false},
		{"RUN a \\\n  b", `RUN a b`, true},
		{"RUN a \\\n  # comment\n  b", `RUN a b`, true},
		{`RUN --network=none a 'b'`, `RUN --network=none a b`, true},
		{`RUN --network=none a`, `RUN a`, false},
		{`RUN ["a", "b"]`, `RUN ["a","b"]`, true},
		{`RUN ["a", "b"]`, `RUN a b`, false},
		{`CMD a 'b'`, `CMD a b`, true},
		{`ENTRYPOINT ["a","b"]`, `ENTRYPOINT [ "a", "b" ]`, true},
		{`ENTRYPOINT ["a","b"]`, `ENTRYPOINT ["a b"]`, false},
		// Words of Docker.
		{`ENV A='b c'`, `ENV A=b\ c`, true},
		{`ENV A='b c'`, `ENV A="b  c"`, false},
		{`ENV A=b C=d`, `ENV A=b`, false},
		{`ENV A='$B'`, `ENV A=$B`, false},
		{`ENV A='$B'`, `ENV A="$B"`, false},
		{`LABEL a="b"`, `LABEL a=b`, true},
		{`WORKDIR '/a b'`, `WORKDIR /a\ b`, true},
		{`WORKDIR /a`, `WORKDIR /b`, false},
		{`USER 'a'`, `USER a`, true},
		{`COPY ./a /b`, `COPY a /b`, true},
		{`COPY "a" /b`, `COPY ["a", "/b"]`, true},
		{`COPY a /b`, `COPY a /b/`, false},
		{`COPY --parents ./a /b`, `COPY --parents a /b`, false},
		{`COPY --chown=1 a /b`, `COPY a /b`, false},
		{`ADD ./https://example.com/a /b`, `ADD https://example.com/a /b`, false},
		// Texts that are compared as they are.
		{"SHELL [\"/bin/bash\", \"-c\"]\nRUN a 'b'", "SHELL [\"/bin/bash\", \"-c\"]\nRUN a b", false},
		{"RUN a 'b'\nSHELL [\"/bin/bash\", \"-c\"]", "RUN a b\nSHELL [\"/bin/bash\", \"-c\"]", true},
		{"RUN <<E\na 'b'\nE", "RUN <<E\na b\nE", false},
		{"# one\nRUN a", "# two\nRUN a", false},
		{"RUN a", "\nRUN a", false},
		{"RUN a\nRUN b", "RUN b\nRUN a", false},
		{"RUN a", "RUN a\nRUN b", false},
		{"EXPOSE 80", "EXPOSE 81", false},
		{"RUN a 'b'\nRUM x", "RUN a b\nRUM x", false},
	} {
		a, b := "FROM a:1\n"+c.a+"\n", "FROM a:1\n"+c.b+"\n"
		if dockerfile.SameBuild(a, b) != c.want || dockerfile.SameBuild(b, a) != c.want || !dockerfile.SameBuild(a, a) {
			t.Errorf("%q and %q: want %t", c.a, c.b, c.want)
		}
	}
	for _, c := range [][2]string{
		{"# escape=`\nFROM a:1\nRUN a 'b'", "# escape=`\nFROM a:1\nRUN a b"}, // as in Windows, with another shell
		{"FROM a:1\nRUN a", "FROM a:2\nRUN a"},
		{"", "FROM a:1"},
	} {
		if dockerfile.SameBuild(c[0], c[1]) || dockerfile.SameBuild(c[1], c[0]) {
			t.Errorf("%q is the same as %q", c[0], c[1])
		}
	}
}
