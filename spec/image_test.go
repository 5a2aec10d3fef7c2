package spec

import (
	"strings"
	"testing"

	"fleet/internal/image"
	"fleet/internal/imageref"
)

// builtFrom returns the Dockerfile of an image of the spec.
func builtFrom(t *testing.T, image string) string {
	t.Helper()
	r := parseOne(t, "images:\n  i: {"+image+"}\nsnapshots: {s: {image: i}}\n")
	return r.attrs.get(snapshotImageRow).(Image).Dockerfile
}

// TestSteps compares the lines with those of Daytona's Python SDK (api.md 6.1), so that
// both share one build.
func TestSteps(t *testing.T) {
	tests := []struct{ name, steps, want string }{
		{
			"pip_install", `[{pip_install: ["requests>=2,<3", numpy, '"q"', "it's", zzz, Abc]}]`,
			`RUN python -m pip install '"q"' Abc 'it'"'"'s' numpy 'requests>=2,<3' zzz`,
		},
		{"pip_install of one", `[{pip_install: numpy}]`, `RUN python -m pip install numpy`},
		{"pip_install of none", `[{pip_install: []}]`, ``},
		{
			"run_commands", `[{run_commands: ['echo "hi" && ls', [bash, -c, "echo \"a\" 'b' $X"]]}]`,
			`RUN echo "hi" && ls` + "\n" + `RUN "bash" "-c" "echo \\\"a\\\" \'b\' $X"`,
		},
		{
			"env in its order", `[{env: {A: b c, D: "it's", E: "", F: plain, G: $H, B: 2}}]`,
			`ENV A='b c'` + "\n" + `ENV D='it'"'"'s'` + "\n" + `ENV E=''` + "\n" + `ENV F=plain` + "\n" + `ENV G='$H'` + "\n" + `ENV B=2`,
		},
		{"workdir", `[{workdir: /a b}]`, `WORKDIR '/a b'`},
		{"plain workdir", `[{workdir: /app}]`, `WORKDIR /app`},
		// The SDK does not escape quotes, which makes it a shell form. We do.
		{"entrypoint", `[{entrypoint: [/bin/sh, -c, 'echo "x"']}]`, `ENTRYPOINT ["/bin/sh", "-c", "echo \"x\""]`},
		{"cmd", `[{cmd: [a, b]}]`, `CMD ["a", "b"]`},
		{"no cmd", `[{cmd: []}]`, `CMD []`},
		{"in their order", `[{workdir: /b}, {cmd: [x]}, {workdir: /a}]`, "WORKDIR /b\nCMD [\"x\"]\nWORKDIR /a"},
		{"continued command", `[{run_commands: ["a \\\n  b\n"]}]`, "RUN a \\\n  b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := "FROM a:1\n"
			if tt.want != "" {
				want += tt.want + "\n"
			}
			same(t, "Dockerfile", builtFrom(t, `base: "a:1", steps: `+tt.steps), want)
		})
	}
}

// TestEntrypointIsNotHTML: & and < are not escaped.
func TestEntrypointIsNotHTML(t *testing.T) {
	same(t, "entrypoint", image.ExecForm("ENTRYPOINT", []string{"a && b <c >d é"}), `ENTRYPOINT ["a && b <c >d é"]`)
}

func TestDebianSlim(t *testing.T) {
	for version, full := range map[string]string{
		"3.9": "3.9.22", "3.10": "3.10.17", "3.11": "3.11.12", "3.12": "3.12.10", "3.13": "3.13.3",
		"3.12.4": "3.12.4", "3.14.0rc1": "3.14.0rc1",
	} {
		want := "FROM python:" + full + `-slim-bookworm
RUN apt-get update
RUN apt-get install -y gcc gfortran build-essential
RUN pip install --upgrade pip
RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections
`
		same(t, version, builtFrom(t, "debian_slim: "+version), want)
	}
}

func TestDockerfile(t *testing.T) {
	same(t, "Dockerfile", builtFrom(t, `dockerfile: "FROM a:1\nRUN b\n\n", steps: [{workdir: /c}]`), "FROM a:1\nRUN b\nWORKDIR /c\n")
}

// TestRef compares references with the test vector of api.md 6.7.
func TestRef(t *testing.T) {
	same(t, "ref", Image{Dockerfile: "FROM alpine:3.18\n"}.Ref(), "daytona-d6559868f23768498e069b18c0a9a64899d48939dd8e6d2d10c9f7cc71f803ee:daytona")
	same(t, "ref of a pulled image", Image{Name: "alpine:3.18"}.Ref(), "")
	r := sandbox(t, `image: "alpine:3.18"`)
	same(t, "a sandbox builds even what needs no building", r.CreateBody(Facts{}), map[string]any{
		"name": "web", "buildInfo": map[string]any{"dockerfileContent": "FROM alpine:3.18\n"},
	})
}

func TestImageDigest(t *testing.T) {
	a, b := Image{Name: "a", Dockerfile: "FROM x:1\n"}, Image{Name: "b", Dockerfile: "FROM x:1\n"}
	if digest(a) != digest(b) {
		t.Error("images that build the same have different digests")
	}
	for _, other := range []Image{{Name: "a", Dockerfile: "FROM x:2\n"}, {Name: "a"}} {
		if digest(a) == digest(other) {
			t.Errorf("%+v has the digest of %+v", other, a)
		}
	}
}

func TestReferenceProblem(t *testing.T) {
	for ref, problem := range map[string]string{
		"alpine:3.20":                   "",
		"ghcr.io/a/b:1":                 "",
		"localhost:5000/a:1":            "",
		"a@sha256:" + zeros:             "",
		"a:latest@sha256:" + zeros:      "",
		"localhost:5000/a":              "needs a tag or a digest",
		"a:latest":                      "has the tag latest",
		"https://ghcr.io/a/b:1":         "not a registry reference",
		"a:1 ":                          "not a registry reference",
		"a@sha256:0":                    "not a registry reference",
		"a:" + strings.Repeat("x", 129): "not a registry reference",
	} {
		got := imageref.Check(ref, "").Message
		if (got == "") != (problem == "") || !strings.Contains(got, problem) {
			t.Errorf("%s: %q, want %q", ref, got, problem)
		}
	}
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// TestForeignBuildContext: a build with uploaded files differs from the same Dockerfile
// without them.
func TestForeignBuildContext(t *testing.T) {
	r := sandbox(t, `image: "alpine:3.18"`)
	have := Object{FullyRead: true, Attrs: answer(t, SandboxKind, `{"name":"web","buildInfo":{"dockerfileContent":"FROM alpine:3.18\n","contextHashes":["aa"]}}`)}
	same(t, "diff", keysOf(r.Diff(have, Facts{})), []string{"image"})
}
