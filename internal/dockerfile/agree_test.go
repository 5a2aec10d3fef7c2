package dockerfile_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/internal/dockerfile"
	"fleet/internal/emulator/build"
)

// TestAgreesWithBuild: the first local source of a Dockerfile is what a build without any
// file misses. The simulated build reads Dockerfiles on its own.
func TestAgreesWithBuild(t *testing.T) {
	const missing = "file not found in build context: stat "
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SampledFrom([]string{
			"ARG A=one", "ARG A=$B-two", "ARG B=three", "ENV A=four", "ENV B=five A=$B", "ENV B=\"six seven\"", "RUN true",
			"ARG TARGETARCH", "FROM base:1 AS next", "FROM first", "FROM next", "ARG G", "ARG G=other",
			"COPY --from=first /x /x", "COPY ${A:-none}/${B:-none} /x", "COPY [\"${B:+set}\", \"/x\"]", "COPY \"quoted\" /x",
			"COPY <<E /x\nCOPY not this\nE", "ADD https://example.com/x /x", "ADD d/${G:-g}.txt \\\n  # comment\n  /x", "COPY ${A#o} '$A' /x",
		})
		lines := append([]string{"ARG G=global", "FROM base:1 AS first", "ARG A", "ARG B", "ARG G"}, rapid.SliceOfN(line, 0, 8).Draw(t, "lines")...)
		text := strings.Join(lines, "\n")
		file, err := dockerfile.Parse(text)
		if err != nil {
			t.Skip("the names of stages are not unique")
		}
		want := ""
		for _, s := range file.LocalSources(nil) {
			if s.Unknown != "" {
				t.Skip("a stage without ARG may inherit the variable from its base image")
			}
			if s.Pattern == "." {
				continue // it always exists
			}
			if s.Stage == len(file.Stages)-1 {
				want = s.Pattern
				break
			}
			if len(file.Stages) > 1 {
				t.Skip("the build may not need the stage")
			}
		}
		got := build.Plan(text, &build.Context{}).Failure
		_, got, _ = strings.Cut(got, missing)
		got, _, _ = strings.Cut(got, ": file does not exist")
		if got != want {
			t.Fatalf("%s\nthe build misses %q, want %q", text, got, want)
		}
	})
}
