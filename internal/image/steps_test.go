package image_test

import (
	"testing"
)

// TestSteps compares the lines with those of Daytona's Python SDK, so that both share
// one build.
func TestSteps(t *testing.T) {
	tests := []struct{ name, steps, want string }{
		{
			"pip_install", `[{pip_install: ["requests>=2,<3", numpy, '"q"', "it's", zzz, Abc]}]`,
			`RUN python -m pip install '"q"' Abc 'it'"'"'s' numpy 'requests>=2,<3' zzz`,
		},
		{"pip_install of one", `[{pip_install: numpy}]`, `RUN python -m pip install numpy`},
		{"pip_install of none", `[{pip_install: []}]`, ``},
		{
			"pip_install with options",
			`[{pip_install: {packages: ["requests>=2,<3", numpy, '"q"', "it's", zzz, Abc], index_url: "https://x/y?a=b", extra_index_urls: [u 1], find_links: [f], pre: true, extra_options: " --no-deps "}}]`,
			`RUN python -m pip install '"q"' Abc 'it'"'"'s' numpy 'requests>=2,<3' zzz --find-links f --index-url 'https://x/y?a=b' --extra-index-url 'u 1' --pre --no-deps`,
		},
		{"add_local_file", `[{add_local_file: {local_path: src/a.py, remote_path: /app/}}]`, `COPY src/a.py /app/a.py`},
		{"add_local_dir", `[{add_local_dir: {local_path: ./src/, remote_path: /app}}]`, `COPY src /app`},
		{
			"run_commands", `[{run_commands: ['echo "hi" && ls', [bash, -c, "echo \"a\" 'b' $X"]]}]`,
			`RUN echo "hi" && ls` + "\n" + `RUN "bash" "-c" "echo \\\"a\\\" \'b\' $X"`,
		},
		{"run_commands of one", `[{run_commands: make all}]`, `RUN make all`},
		{
			"env in its order", `[{env: {A: b c, D: "it's", E: "", F: plain, G: $H, B: 2}}]`,
			`ENV A='b c'` + "\n" + `ENV D='it'"'"'s'` + "\n" + `ENV E=''` + "\n" + `ENV F=plain` + "\n" + `ENV G='$H'` + "\n" + `ENV B=2`,
		},
		{"workdir", `[{workdir: /a b}]`, `WORKDIR '/a b'`},
		{"plain workdir", `[{workdir: /app}]`, `WORKDIR /app`},
		// The SDK does not escape quotes, which makes it a shell form. fleet does.
		{"entrypoint", `[{entrypoint: [/bin/sh, -c, 'echo "x"']}]`, `ENTRYPOINT ["/bin/sh", "-c", "echo \"x\""]`},
		{"cmd", `[{cmd: [a, b]}]`, `CMD ["a", "b"]`},
		{"cmd is not HTML", `[{cmd: ["a && b <c >d é"]}]`, `CMD ["a && b <c >d é"]`},
		{"no cmd", `[{cmd: []}]`, `CMD []`},
		{"in their order", `[{workdir: /b}, {cmd: [x]}, {workdir: /a}]`, "WORKDIR /b\nCMD [\"x\"]\nWORKDIR /a"},
		{"here-document", `[{run_commands: ["cat <<E >/x\na \\\nE\n", "<<-'A' <<B\n\tx\n\tA\nB"]}]`, "RUN cat <<E >/x\na \\\nE\nRUN <<-'A' <<B\n\tx\n\tA\nB"},
		{"continued command", `[{run_commands: ["a \\\n  b\n"]}]`, "RUN a \\\n  b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want += "\n"
			}
			if got := appended(t, tt.steps); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
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
		if got := built(t, "debian_slim: "+version).Dockerfile; got != want {
			t.Errorf("%s: %s", version, got)
		}
	}
}

// TestSources: local files are found from the directory of the spec file.
func TestSources(t *testing.T) {
	steps := "base: a:1\nsteps:\n- add_local_file: {local_path: ./src//a.py, remote_path: /app/}\n- add_local_dir: {local_path: ../shared/, remote_path: /s}\n"
	b, set := load(t, "specs/fleet.yaml", steps)
	if len(set.Diagnostics) > 0 {
		t.Fatal(set.Diagnostics)
	}
	if got, want := sourcesOf(b), "specs ./src//a.py src/a.py\nspecs ../shared/ shared"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := b.Sources[1].Pos.String(), "specs/fleet.yaml:4:31"; got != want {
		t.Errorf("position %s, want %s", got, want)
	}
}
