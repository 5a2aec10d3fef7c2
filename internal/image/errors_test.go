package image_test

import (
	"strings"
	"testing"
)

// refused returns the errors about an image, one for each line.
func refused(t *testing.T, text string) string {
	t.Helper()
	_, set := load(t, "fleet.yaml", text)
	var all []string
	for _, m := range set.Redacted(set.Diagnostics) {
		all = append(all, m.Error())
	}
	return strings.Join(all, "\n")
}

// TestRefused: each mistake has its position, the reason, and what to do.
func TestRefused(t *testing.T) {
	inDir(t, map[string]string{
		"inc.txt":        "a\n  -r base.txt\n-cc.txt\n--constraint=c.txt\n-e ./pkg\n./x\npkg/y\nz.whl\nw @ file:///w\n--requirement b.txt\nok\n",
		"dynamic.toml":   "[project]\ndynamic = ['dependencies']\n",
		"none.toml":      "[tool.x]\n",
		"nodeps.toml":    "[project]\nname = 'x'\n",
		"bad.toml":       "[project]\ndependencies = [\n",
		"type.toml":      "[project]\ndependencies = [1]\n",
		"groups.toml":    "[project]\ndependencies = []\n[project.optional-dependencies]\ndev = []\n[dependency-groups]\nlint = ['x']\n",
		"dyngroups.toml": "[project]\ndependencies = []\ndynamic = ['optional-dependencies']\n",
		"Dockerfile":     "FROM a:1\nRUNN x\nCOPY a\n",
		"empty":          "\n",
	})
	const base = "base: a:1\nsteps:\n- "
	for _, tt := range []struct{ text, want string }{
		// unknown steps, and those of other tools
		{base + "run_command: [ls]", `fleet.yaml:3:3: images.i.steps[0].run_command: unknown step|did you mean "run_commands"?`},
		{base + "shell: ls", `did you mean "run_commands"?`},
		{base + "run: ls", `did you mean "run_commands"?`},
		{base + "copy_from: {}", `did you mean "copy"?`},
		{base + "pip: [x]", `did you mean "pip_install"?`},
		{base + "apt: [x]", `did you mean "apt_install"?`},
		{base + "npm: [x]", `did you mean "npm_install"?`},
		{base + "pipInstall: [x]", `did you mean "pip_install"?`},
		{base + "addLocalFile: {}", `did you mean "add_local_file"?`},
		{base + "uv_pip_install: [x]", `did you mean "uv"?`},
		{base + "RUN: ls", `did you mean "run_commands"?`},
		{base + "FROM: x", `write base as a key of the image`},
		{base + "debian_slim: '3.12'", `debian_slim is a key of the image, not a step`},
		{base + "{cmd: [a], user: b}", `fleet.yaml:3:3: images.i.steps[0]: a step must be a mapping with exactly one key`},
		// keys of steps
		{base + "add_local_file: {from: a, to: b}", `fleet.yaml:3:20: images.i.steps[0].add_local_file.from: unknown key; known keys are local_path, remote_path; did you mean "local_path"?|fleet.yaml:3:29|did you mean "remote_path"?`},
		{base + "add_local_file: {local_path: a}", `fleet.yaml:3:19: images.i.steps[0].add_local_file: remote_path is missing; write remote_path: /app/`},
		{base + "add_local_file: a b", `expected a mapping of keys to values, got the text "a b"`},
		{base + "add_local_file: {local_path: '', remote_path: \"x\\ny\"}", `local_path: must not be empty|remote_path: must be one line`},
		{base + "add_local_dir: {local_path: a, remote_path: $HOME/x}", `fleet.yaml:3:47|variables of the image are not expanded in it; write the path out`},
		{base + "add_local_dir: {local_path: \"a\\u0007\", remote_path: /x}", `the path holds a control character`},
		{base + "pip_install: {package: x}", `unknown key; known keys are packages, find_links, index_url, extra_index_urls, pre, extra_options; did you mean "packages"?`},
		{base + "pip_install: {index_url: x}", `packages is missing`},
		{base + "pip_install: {packages: [a], pre: yes please}", `fleet.yaml:3:37|expected true or false`},
		{base + "pip_install: {packages: [a], extra_options: 'a \\'}", `the options end in a backslash`},
		{base + "pip_install: [\"a\\nb\", '']", `[0]: must be one line|[1]: must not be empty`},
		// commands
		{base + "run_commands: [\"a\\nb\", \"a <<E\\nb\", \"a <<E\\nE\\nb\", \"RUN a\\nRUN b\"]", `[0]: a command must be one line|[1]: a command must be one line|[2]: a command must be one line|[3]: a command must be one line`},
		// requirements
		{
			base + "pip_install_from_requirements: inc.txt",
			`inc.txt:2:3: images.i.steps[0].pip_install_from_requirements: the requirements file includes another file|inc.txt:3:1|inc.txt:4:1|inc.txt:5:1: images.i.steps[0].pip_install_from_requirements: the requirements file installs from a local path|inc.txt:6:1|inc.txt:7:1|inc.txt:8:1|inc.txt:9:1|inc.txt:10:1`,
		},
		{base + "pip_install_from_requirements: missing.txt", `fleet.yaml:3:34: images.i.steps[0].pip_install_from_requirements: the requirements file cannot be read: open missing.txt`},
		{base + "pip_install_from_requirements: {path: x}", `did you mean "requirements_txt"?`},
		// pyproject
		{base + "pip_install_from_pyproject: dynamic.toml", `fleet.yaml:3:31|the dependencies of dynamic.toml are dynamic`},
		{base + "pip_install_from_pyproject: none.toml", `none.toml has no table [project]`},
		{base + "pip_install_from_pyproject: nodeps.toml", `nodeps.toml has no dependencies under [project]; write dependencies = []`},
		{base + "pip_install_from_pyproject: bad.toml", `bad.toml:`},
		{base + "pip_install_from_pyproject: type.toml", `type.toml:2:17|the file is not a valid pyproject.toml: dependencies and each group are lists of texts`},
		{base + "pip_install_from_pyproject: {pyproject_toml: groups.toml, groups: [dve, lint]}", `there is no group "dve" in [project.optional-dependencies]; it has dev; did you mean "dev"?|it is in [dependency-groups]`},
		{base + "pip_install_from_pyproject: {pyproject_toml: groups.toml, optional_dependencies: [dev]}", `did you mean "groups"?`},
		{base + "pip_install_from_pyproject: {pyproject_toml: dyngroups.toml, groups: dev}", `there is no group "dev" in [project.optional-dependencies]; the groups of the file are dynamic`},
		// packages
		{base + "apt_install: [git-]", `fleet.yaml:3:16: images.i.steps[0].apt_install: apt-get removes a package whose name ends in a hyphen; remove packages by run_commands`},
		{base + "apt_install: [-y, git curl]", `a package must not begin with a hyphen, which begins an option; write options under extra_options|a package must not contain blanks; write one list item for each package`},
		{base + "uv: {packages: [a], version: latest}", `"latest" is not a version of uv, such as 0.9.13`},
		// instructions
		{base + "user: a b", `"a b" is not a user`},
		{base + "expose: [80000, 0, x, 10-5, 80/http]", `"80000" is not a port|"0" is not a port|"x" is not a port|"10-5" is not a port|"80/http" is not a port`},
		{base + "label: {a b: c}", `"a b" is not the key of a label`},
		{base + "arg: {a-b: c}", `"a-b" is not the name of a build argument`},
		{base + "arg: [A=1]", `"A=1" is not the name of a build argument`},
		{base + "env: {A: \"a\\nb\", 'b c': d}", `A: must be one line|"b c" is not the name of an environment variable`},
		{base + "copy: {sources: [a, b], to: /x}", `several sources are copied into a directory, which ends in a slash; write /x/`},
		{base + "copy: {sources: [../a, /b, ~/c], to: /x/}", `[0]: a source must be in the directory of the spec file|[1]: a source must be relative|[2]: a source must be relative`},
		{base + "copy: {from: A B, sources: /a, to: /x, chmod: 'rw', chown: 'a b'}", `"A B" is not a stage, or a registry reference|"rw" is not a mode|"a b" is not a user`},
		// Dockerfiles
		{"dockerfile: Dockerfile", "Dockerfile:2:1: images.i.dockerfile: |Dockerfile:3:1: images.i.dockerfile: "},
		{"dockerfile: ./missing", `fleet.yaml:1:13: images.i.dockerfile: the Dockerfile cannot be read: open missing`},
		{"dockerfile: empty", `the Dockerfile empty is empty`},
		{"dockerfile: |\n  RUN x\n", `fleet.yaml:2:3: images.i.dockerfile: `},
		{"dockerfile: |\n  FROM a:1\n\n  RUNN x\n", `fleet.yaml:4:3: images.i.dockerfile: `},
		{base + "from_dockerfile: empty", `the Dockerfile empty is empty`},
		{"dockerfile: \"FROM a:1\\n\"\nsteps: [{from_dockerfile: f}]", `the Dockerfile cannot be read`},
		{"steps: [{run_commands: x}]", `fleet.yaml:1:1: images.i: an image needs exactly one of`},
		{base + "dockerfile_commands: [RUN x, RUNN y]", `fleet.yaml:3:32: images.i.steps[0].dockerfile_commands[1]: `},
		{base + "dockerfile_commands:\n  - |\n    RUN x\n    RUNN y", `fleet.yaml:6:5: images.i.steps[0].dockerfile_commands[0]: `},
		{base + "dockerfile_commands: ['RUN x \\']", `the commands end in a backslash`},
		{base + "dockerfile_commands: {context_dir: x}", `commands is missing`},
		{"dockerfile: \"# escape=`\\nFROM a:1\\n\"\nsteps: [{run_commands: echo `x`}, {user: a}]", `fleet.yaml:2:36: images.i.steps[1].user: the lines before the step continue on it`},
		{"dockerfile: \"FROM a:1\\nRUN x \\\\\\n\"\nsteps: [{user: a}]", `fleet.yaml:1:13: images.i.dockerfile: the Dockerfile ends in a backslash`},
		{"steps: [{user: a}]", `an image needs exactly one of base, debian_slim, dockerfile and from_dockerfile`},
		// arguments
		{"base: a:1\nsteps: [{arg: [VERSION]}]\nargs: {VERSIONS: x, other: y, a-b: z}", `"a-b" is not the name of a build argument`},
		{"base: a:1\nsteps: [{arg: [VERSION]}]\nargs: {VERSIONS: x, other: y}", `fleet.yaml:3:8: images.i.args.VERSIONS: no ARG of the image declares VERSIONS; did you mean "VERSION"?|fleet.yaml:3:21|add the step arg: [other], or remove the argument`},
		{"dockerfile: |\n  FROM a:1\n  ARG X\n  COPY $X /x\n", `fleet.yaml:4:3|the source of COPY depends on the variable X, which has no value; declare it by ARG with a default, or set it in args of the image`},
		// one build context
		{"base: a:1\nsteps: [{add_local_dir: {local_path: ../x, remote_path: /a}}, {add_local_file: {local_path: x/y, remote_path: /b}}]", `fleet.yaml:2:93: images.i.steps[1].add_local_file: x/y has the place of other local files in the build context`},
	} {
		got := refused(t, tt.text)
		for _, want := range strings.Split(tt.want, "|") {
			if !strings.Contains(got, want) {
				t.Errorf("%s\ngot  %s\nwant %s", tt.text, got, want)
			}
		}
	}
}

// TestOneContext: the same local files may have their place twice.
func TestOneContext(t *testing.T) {
	inDir(t, map[string]string{"d/Dockerfile": "FROM a:1\nCOPY x /x\n"})
	for _, text := range []string{
		"base: a:1\nsteps: [{add_local_dir: {local_path: x, remote_path: /a}}, {add_local_file: {local_path: ./x/y, remote_path: /b}}]",
		"dockerfile: d/Dockerfile\nsteps: [{dockerfile_commands: {commands: COPY x/y /y, context_dir: d}}]",
		"dockerfile: d/Dockerfile\nsteps: [{copy: {sources: ., to: /y}}]",
	} {
		built(t, text)
	}
}

// TestWarnings: what is likely a secret in an image, and what a shell reads in another
// way.
func TestWarnings(t *testing.T) {
	const base = "base: a:1\nsteps:\n- "
	for text, want := range map[string]string{
		base + "env: {API_TOKEN: abc}":                                   "literal-secret",
		base + "env: {API_TOKEN: ''}":                                    "",
		base + "env: {TOKEN_FILE: /x}":                                   "",
		base + "arg: {PASSWORD: abc}":                                    "literal-secret",
		base + "label: {api.token: abc}":                                 "literal-secret",
		base + "arg: [PASSWORD]":                                         "",
		"base: a:1\nsteps: [{arg: [PASSWORD]}]\nargs: {PASSWORD: x}":     "literal-secret",
		base + "run_commands: ['API_TOKEN=abc make']":                    "literal-secret",
		base + "run_commands: ['tool --api-key=abc']":                    "literal-secret",
		base + "run_commands: ['tool --password $P']":                    "",
		base + "run_commands: ['API_TOKEN=$T make']":                     "",
		base + "run_commands: ['make MAX_TOKENS=12']":                    "",
		base + "run_commands: ['git clone https://u:pw@x/y']":            "literal-secret",
		base + "run_commands: ['git clone https://u:$PW@x/y']":           "",
		base + "run_commands: ['git clone https://github.com/x/y@v1']":   "",
		base + "run_commands: ['curl -H \"Authorization: Bearer abc\"']": "literal-secret",
		base + "run_commands: ['curl -H \"Authorization: Bearer $T\"']":  "",
		base + "run_commands: ['npm login ghp_0123456789abcdef']":        "literal-secret",
		base + "run_commands: [[tool, --token=abc]]":                     "literal-secret",
		base + "run_commands: [[awk, '{print $1}']]":                     "shell-words",
		base + "run_commands: [[echo, 'a \"b\"']]":                       "shell-words",
		base + "run_commands: [[make, 'a b', '#x', '*']]":                "",
		base + "pip_install: {packages: [a], index_url: https://u:p@x/}": "literal-secret",
		base + "uv: {packages: [a], extra_index_urls: [https://u:p@x/]}": "literal-secret",
		base + "npm_install: {packages: [a], registry: https://u:p@x/}":  "literal-secret",
		base + "dockerfile_commands: [ENV API_TOKEN=abc]":                "dockerfile",
		"dockerfile: |\n  FROM a:1\n  ENV API_TOKEN=abc\n":               "dockerfile",
		"dockerfile: |\n  FROM --platform=linux/arm64 a:1\n  RUN true\n": "dockerfile",
		base + "dockerfile_commands: [RUN x]":                            "",
	} {
		_, set := load(t, "fleet.yaml", text)
		got := ""
		for _, m := range set.Warnings {
			got = m.Rule
		}
		if got != want || len(set.Diagnostics) > 0 {
			t.Errorf("%s: %q, want %q; %v", text, got, want, set.Diagnostics)
		}
	}
}
