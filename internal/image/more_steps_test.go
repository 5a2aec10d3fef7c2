package image_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/internal/image"
)

// TestFurtherSteps are the steps that the SDK does not have.
func TestFurtherSteps(t *testing.T) {
	for _, tt := range []struct{ steps, want string }{
		{
			`[{apt_install: [git, curl]}]`,
			`RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends curl git && apt-get clean && rm -rf /var/lib/apt/lists/*`,
		},
		{
			`[{apt_install: {packages: ["git=1:2.*", "libx>1"], recommends: true, extra_options: "-t bookworm-backports"}}]`,
			`RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y -t bookworm-backports 'git=1:2.*' 'libx>1' && apt-get clean && rm -rf /var/lib/apt/lists/*`,
		},
		{
			`[{apt_install: ["python3.11=3.11.*", "libx11-6:amd64", git]}]`,
			`RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o APT::Cmd::Pattern-Only=true git libx11-6:amd64 'python3.11=3.11.*' && apt-get clean && rm -rf /var/lib/apt/lists/*`,
		},
		{
			`[{apt_install: [g++]}]`,
			`RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o APT::Cmd::Pattern-Only=true g++ && apt-get clean && rm -rf /var/lib/apt/lists/*`,
		},
		{`[{apt_install: []}]`, ``},
		{`[{npm_install: typescript}]`, `RUN npm install --global typescript`},
		{`[{npm_install: {packages: [b@^1, a], global: false, registry: "https://r", extra_options: --omit=dev}}]`, `RUN npm install --registry https://r --omit=dev a 'b@^1'`},
		{`[{uv: [b, a]}, {uv: c}]`, "RUN command -v uv || python -m pip install uv\nRUN uv pip install --system a b\nRUN uv pip install --system c"},
		{
			`[{uv: {version: "0.9.13", packages: [a], pre: true, index_url: https://i}}]`,
			"COPY --from=ghcr.io/astral-sh/uv:0.9.13 /uv /uvx /usr/local/bin/\nRUN uv pip install --system a --index-url https://i --prerelease allow",
		},
		{`[{user: app}, {user: "1000:1000"}]`, "USER app\nUSER 1000:1000"},
		{`[{expose: 8080}, {expose: [53/udp, 8000-8010]}, {expose: []}]`, "EXPOSE 8080\nEXPOSE 53/udp 8000-8010"},
		{`[{label: {org.x.a: it's, b: ""}}]`, `LABEL org.x.a='it'"'"'s'` + "\n" + `LABEL b=''`},
		{`[{arg: {A: "1 2", B: null}}, {arg: [C, D]}, {arg: E}]`, "ARG A='1 2'\nARG B\nARG C\nARG D\nARG E"},
		{`[{copy: {from: "golang:1.26", sources: /usr/local/go, to: /usr/local/go}}]`, `COPY --from=golang:1.26 /usr/local/go /usr/local/go`},
		{`[{copy: {from: build, sources: [/a b, "/c*"], to: /d/, chown: "app:app", chmod: "0755"}}]`, `COPY --from=build --chown=app:app --chmod=0755 ["/a b", "/c*", "/d/"]`},
		{`[{copy: {sources: ["*.py", src], to: /app/}}]`, `COPY *.py src /app/`},
		{`[{add_local_file: {local_path: "a b.txt", remote_path: /app/}}]`, `COPY ["a b.txt", "/app/a b.txt"]`},
		{`[{add_local_file: {local_path: "a[0]*.txt", remote_path: /app/}}]`, `COPY a[[]0][*].txt /app/a[0]*.txt`},
		{`[{add_local_file: {local_path: --from=x, remote_path: /x}}]`, `COPY ["--from=x", "/x"]`},
		{`[{add_local_file: {local_path: "<<E", remote_path: /x}}]`, `COPY ["'<<E'", "/x"]`},
		{`[{add_local_dir: {local_path: ., remote_path: /app}}]`, `COPY . /app`},
		{`[{add_local_dir: {local_path: ../../lib/x, remote_path: "/it's"}}]`, `COPY ["lib/x", "'/it'\"'\"'s'"]`},
		{`[{add_local_file: {local_path: ./Dockerfile, remote_path: /x/}}]`, `COPY local/Dockerfile /x/Dockerfile`},
		{`[{add_local_file: {local_path: ../.dockerignore, remote_path: /x}}]`, `COPY local/.dockerignore /x`},
		{`[{add_local_file: {local_path: a/Dockerfile, remote_path: /x}}]`, `COPY a/Dockerfile /x`},
		{`[{workdir: --x}, {workdir: "--it's"}]`, `WORKDIR '--x'` + "\n" + `WORKDIR '--it'"'"'s'`},
		{`[{dockerfile_commands: ["SHELL [\"/bin/bash\", \"-c\"]\n", "", "RUN x"]}, {dockerfile_commands: "RUN a\nRUN b"}]`, "SHELL [\"/bin/bash\", \"-c\"]\n\nRUN x\nRUN a\nRUN b"},
	} {
		want := tt.want
		if want != "" {
			want += "\n"
		}
		if got := appended(t, tt.steps); got != want {
			t.Errorf("%s: got\n%swant\n%s", tt.steps, got, want)
		}
	}
}

// inDir makes a directory with files the working directory.
func inDir(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFilesOfPython: requirements files are copied, and projects become their packages.
func TestFilesOfPython(t *testing.T) {
	inDir(t, map[string]string{
		"requirements.txt": "requests>=2\n# -r other\n--index-url https://x\n-e git+https://x/y.git#egg=y\na \\\n  --hash=x/y\nb @ https://x/b.whl\n--no-binary :all:\n",
		"pyproject.toml":   "[project]\nname = 'x'\ndependencies = ['b', 'a>=1']\n[project.optional-dependencies]\ndev = ['pytest']\ndocs = []\n",
	})
	for steps, want := range map[string]string{
		`[{pip_install_from_requirements: {requirements_txt: ./requirements.txt, pre: true}}]`:          "COPY requirements.txt /.requirements.txt\nRUN python -m pip install -r /.requirements.txt --pre\n",
		`[{pip_install_from_requirements: requirements.txt}]`:                                           "COPY requirements.txt /.requirements.txt\nRUN python -m pip install -r /.requirements.txt\n",
		`[{pip_install_from_pyproject: pyproject.toml}]`:                                                "RUN python -m pip install 'a>=1' b\n",
		`[{pip_install_from_pyproject: {pyproject_toml: pyproject.toml, groups: [dev, docs]}}]`:         "RUN python -m pip install 'a>=1' b pytest\n",
		`[{pip_install_from_pyproject: {pyproject_toml: ./pyproject.toml, groups: dev, index_url: u}}]`: "RUN python -m pip install 'a>=1' b pytest --index-url u\n",
	} {
		if got := appended(t, steps); got != want {
			t.Errorf("%s: got\n%swant\n%s", steps, got, want)
		}
	}
	b := built(t, "base: a:1\nsteps: [{pip_install_from_requirements: ./requirements.txt}]")
	if got, want := sourcesOf(b), ". ./requirements.txt requirements.txt"; got != want {
		t.Errorf("sources %q, want %q", got, want)
	}
}

// TestDockerfileByPath: the file is read, and its directory is that of the local files.
func TestDockerfileByPath(t *testing.T) {
	inDir(t, map[string]string{
		"app/Dockerfile":  "\ufeff# escape=\\\r\nFROM a:1\r\nCOPY src/ *.txt /app/\r\nRUN <<E\r\nls\r\nE\r\nADD https://x/y /z\r\n",
		"app/prod.docker": "FROM b:1\nRUN --mount=type=bind,source=conf,target=/c ls /c\n",
	})
	want := "# escape=\\\nFROM a:1\nCOPY src/ *.txt /app/\nRUN <<E\nls\nE\nADD https://x/y /z\n"
	for _, text := range []string{
		"dockerfile: ./app/Dockerfile", "from_dockerfile: app/Dockerfile", "steps: [{from_dockerfile: app/Dockerfile}]",
	} {
		b := built(t, text)
		if b.Dockerfile != want {
			t.Errorf("%s: %q", text, b.Dockerfile)
		}
		if got, want := sourcesOf(b), "app src/ \napp *.txt "; got != want {
			t.Errorf("%s: sources %q, want %q", text, got, want)
		}
		if s := b.Sources[1]; !s.IsPattern || s.Line != 3 || s.DockerfilePath != filepath.Join("app", "Dockerfile") || b.Sources[0].IsPattern {
			t.Errorf("%s: %+v", text, s)
		}
	}
	b := built(t, "dockerfile: app/prod.docker\nsteps: [{dockerfile_commands: {commands: [COPY x /x], context_dir: other}}, {copy: {sources: y, to: /y}}]")
	if got, want := sourcesOf(b), "app conf \nother x \n. y "; got != want {
		t.Errorf("sources %q, want %q", got, want)
	}
}

// TestDockerfileUnchanged: a Dockerfile without steps is sent as it is, as by the SDK, and
// steps begin on a line of their own.
func TestDockerfileUnchanged(t *testing.T) {
	inDir(t, map[string]string{"none": "FROM a:1\nCOPY x /x", "two": "FROM a:1\n\n"})
	for text, want := range map[string]string{
		"dockerfile: none": "FROM a:1\nCOPY x /x",
		"dockerfile: none\nsteps: [{user: a}, {dockerfile_commands: COPY y /y}]": "FROM a:1\nCOPY x /x\nUSER a\nCOPY y /y\n",
		"dockerfile: two":                                    "FROM a:1\n\n",
		"dockerfile: two\nsteps: [{user: a}]":                "FROM a:1\n\nUSER a\n",
		"steps: [{from_dockerfile: none}, {user: a}]":        "FROM a:1\nCOPY x /x\nUSER a\n",
		"dockerfile: \"FROM a:1\\n\\n\"\nsteps: [{user: a}]": "FROM a:1\nUSER a\n",
	} {
		b := built(t, text)
		if b.Dockerfile != want {
			t.Errorf("%s: %q, want %q", text, b.Dockerfile, want)
		}
		if n := strings.Count(want, "COPY"); len(b.Sources) != n || n > 0 && b.Sources[0].Line != 2 {
			t.Errorf("%s: sources %+v", text, b.Sources)
		}
	}
}

// TestSourcesInOrder: sources are in the order of the lines that need them, with the
// position of each.
func TestSourcesInOrder(t *testing.T) {
	b := built(t, `dockerfile: |
  FROM a:1
  ARG V=1
  COPY a-$V /a
steps:
- add_local_file: {local_path: b, remote_path: /b}
- dockerfile_commands:
  - RUN x
  - |
    RUN y
    COPY c /c
- run_commands: ["--mount=type=bind,source=d,target=/d ls"]
args: {V: "2"}
`)
	var got []string
	for _, s := range b.Sources {
		got = append(got, s.Pattern+" "+s.Pos.String())
	}
	want := []string{"a-2 fleet.yaml:4:3", "b fleet.yaml:6:32", "c fleet.yaml:11:5", "d fleet.yaml:12:3"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestArgs: values replace the defaults of ARG, and the numbers of lines remain.
func TestArgs(t *testing.T) {
	b := built(t, `dockerfile: |
  ARG TAG=1
  FROM a:$TAG
  ARG A="x y" B \
    # why
    C=3
  RUN echo $A
steps: [{arg: {D: old}}, {env: {E: f}}]
args: {TAG: "2", B: "it's $B", D: ""}
`)
	want := "ARG TAG=2\nFROM a:$TAG\nARG A=\"x y\" B='it'\"'\"'s $B' C=3\n\n\nRUN echo $A\nARG D=''\nENV E=f\n"
	if b.Dockerfile != want {
		t.Errorf("got\n%s\nwant\n%s", b.Dockerfile, want)
	}
}

// TestEscapeDirective: steps mean the same with any escape character of the Dockerfile.
func TestEscapeDirective(t *testing.T) {
	b := built(t, "dockerfile: \"# escape=`\\nFROM a:1\"\nsteps: [{add_local_file: {local_path: 'a\\`$b', remote_path: '/x\\y'}}, {workdir: 'c`\\d'}]\n")
	const want = "# escape=`\nFROM a:1\nCOPY [\"'a[\\\\\\\\]`$b'\", \"'/x\\\\y'\"]\nWORKDIR 'c`\\d'\n"
	if b.Dockerfile != want {
		t.Errorf("got\n%s\nwant\n%s", b.Dockerfile, want)
	}
}

// TestRowsAreComplete: each row has what the reference and completion show, and its
// example is valid.
func TestRowsAreComplete(t *testing.T) {
	inDir(t, map[string]string{
		"requirements.txt": "a\n", "Dockerfile": "FROM a:1\n",
		"pyproject.toml": "[project]\ndependencies = []\noptional-dependencies = {dev = []}\n",
	})
	for _, row := range slices.Concat(image.Bases, image.Steps) {
		if row.Name == "" || row.Type == "" || row.Doc == "" || row.Schema == nil || !strings.HasPrefix(row.Example, row.Name+":") {
			t.Errorf("%s is incomplete", row.Name)
		}
		for _, k := range row.Keys {
			if k.Type == "" || k.Doc == "" || k.Schema == nil || !strings.HasPrefix(k.Example, k.Name+":") {
				t.Errorf("%s.%s is incomplete", row.Name, k.Name)
			}
		}
		var v map[string]any
		if err := yaml.Unmarshal([]byte(row.Example), &v); err != nil {
			t.Errorf("%s: %v", row.Name, err)
		}
		text := row.Example
		if slices.Contains(image.Names(image.Steps), row.Name) {
			text = yamlOf(t, map[string]any{"base": "a:1", "steps": []any{v}})
			if row.Name == "from_dockerfile" {
				text = yamlOf(t, map[string]any{"steps": []any{v}})
			}
		}
		built(t, text)
	}
}

// TestOtherIndex: pip uses the index of a requirements file instead of those of the command
// line.
func TestOtherIndex(t *testing.T) {
	for text, line := range map[string]int{
		"numpy\n":                                  0,
		"-i https://x/simple\nnumpy\n":             1,
		"# a\n  --index-url=https://x/simple\n":    2,
		"numpy\n--pypi-url https://x\n":            2,
		"-ihttps://x/simple\n":                     1,
		"--pre -i https://x/simple\n":              1,
		"--extra-index-url https://y --no-index\n": 1,
		"--extra-index-url https://y\n":            0,
		"# -i https://x\nindexed\n":                0,
		"x @ https://y/--index-url z\n":            0,
		"numpy --hash=sha256:-i\n":                 0,
	} {
		inDir(t, map[string]string{"requirements.txt": text})
		for key, want := range map[string]int{"index_url": line, "extra_index_urls": line, "find_links": 0} {
			_, set := load(t, "fleet.yaml", "base: a:1\nsteps:\n- pip_install_from_requirements: {requirements_txt: requirements.txt, "+key+": https://z}\n")
			got := 0
			for _, w := range set.Warnings {
				place := "images.i.steps[0].pip_install_from_requirements." + key
				if w.Rule == "other-index" && w.Path == place && strings.Contains(w.Message, fmt.Sprintf("(requirements.txt:%d)", want)) {
					got = want
				} else {
					t.Errorf("%q, %s: %+v", text, key, w)
				}
			}
			if got != want || len(set.Diagnostics) > 0 {
				t.Errorf("%q, %s: line %d, want %d; %v", text, key, got, want, set.Diagnostics)
			}
		}
	}
}

// TestLinksOfRequirements: a requirements file must not find packages at local paths, since
// only the file itself is copied.
func TestLinksOfRequirements(t *testing.T) {
	for text, local := range map[string]bool{
		"-f ./wheels\n": true, "--find-links=wheels\n": true, "a\n  -f /wheels\n": true, "--find-links file:///wheels\n": true, "-fwheels\n": true,
		"-f https://x/wheels\n": false, "--find-links=http://x/a/b.html\n": false, "-fhttps://x/\n": false, "--no-binary a/b\n": false,
		"-ihttps://x/simple\n": false, "-e ./pkg\n": true, "--editable=pkg\n": true, "-e git+https://x/y\n": false, "--extra-index-url https://x/y\n": false,
	} {
		inDir(t, map[string]string{"requirements.txt": text})
		_, set := load(t, "fleet.yaml", "base: a:1\nsteps: [{pip_install_from_requirements: requirements.txt}]\n")
		if got := len(set.Diagnostics) == 1 && strings.Contains(set.Diagnostics[0].Message, "local path"); got != local || len(set.Diagnostics) > 1 {
			t.Errorf("%q: %v, want %v", text, set.Diagnostics, local)
		}
	}
}
