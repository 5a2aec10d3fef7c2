package image_test

import (
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"fleet/internal/image"
)

// A definition is an image for both builders.
type definition []call

// A call is a method of the SDK with the step that corresponds to it.
type call struct {
	sdk   sdkCall
	step  any        // of fleet
	lines [][]string // what the lines mean; nil for lines that must be the same
}

// An sdkCall is a method of the SDK with its arguments.
type sdkCall struct {
	Method string `json:"method"`
	Args   []any  `json:"args"`
}

// calls returns the methods of a definition.
func (d definition) calls() []sdkCall {
	all := []sdkCall{{"base", []any{"a:1"}}}
	for _, c := range d {
		all = append(all, c.sdk)
	}
	return all
}

// yaml returns the definition as an image of a spec.
func (d definition) yaml(t *testing.T) string {
	steps := []any{}
	for _, c := range d {
		steps = append(steps, c.step)
	}
	return yamlOf(t, map[string]any{"base": "a:1", "steps": steps})
}

// wanted returns what each line means.
func (d definition) wanted() [][]string {
	all := [][]string{nil}
	for _, c := range d {
		all = append(all, c.lines...)
	}
	return append(all, nil)
}

// sdkFiles are the local files of the definitions.
var sdkFiles = map[string]string{
	"requirements.txt": "a\n", "my reqs/dev.txt": "b\n", "src/a.py": "", "src/lib/b.py": "", "dir with blanks/c d.txt": "",
	"a[1]*.txt": "", "it's": "", "$HOME.txt": "", "é/ü.txt": "",
	"pyproject.toml": "[project]\ndependencies = ['zlib>1', 'b[x]; python_version < \"3.9\"', \"it's\"]\n[project.optional-dependencies]\ndev = ['pytest~=8.0', 'a']\n",
}

// randomDefinitions returns n definitions, always the same ones.
func randomDefinitions(n int) []definition {
	r := generator{rand.New(rand.NewPCG(1, 2))}
	all := make([]definition, n)
	packages, value := []string{"\ufffd", "🐳"}, "it's `x` $X"
	all[0] = definition{ // random calls hardly have these
		{
			sdkCall{"pipInstall", []any{packages}},
			map[string]any{"pip_install": packages},
			[][]string{{"python", "-m", "pip", "install", "\ufffd", "🐳"}},
		},
		{sdkCall{"env", []any{map[string]string{"A": value}}}, map[string]any{"env": map[string]string{"A": value}}, [][]string{{"A", value}}},
		{sdkCall{"workdir", []any{value}}, map[string]any{"workdir": value}, [][]string{{value}}},
	}
	for i := range all[1:] {
		for range 1 + r.IntN(6) {
			all[i+1] = append(all[i+1], r.call())
		}
	}
	return all
}

// A generator makes random calls.
type generator struct{ *rand.Rand }

// pick returns one of the choices.
func pick[T any](r generator, choices ...T) T { return choices[r.IntN(len(choices))] }

// word returns a text of characters that need quotes somewhere.
func (r generator) word() string {
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(pick(r, "a", "Bc", "1", " ", "'", `"`, `\`, "$", "$X", "`", "#", "*", "?", "[", "]", "{", "}", "(", "<", ">=2", "|", "&", ";", "!", "~", "=", "%", "^", "@", ",", ".", "/", "-", ":", "é", "\ufffd", "🐳"))
	}
	if s := b.String(); strings.TrimSpace(s) != "" && !strings.HasPrefix(s, "--") {
		return s
	}
	return "x"
}

// plain returns a text that most people write.
func (r generator) plain() string {
	return pick(r, "numpy", "pandas", "requests>=2,<3", "a[b]", "c==1.0", "d~=2; python_version<'3'", "/app", "sleep", "-c", "echo hi")
}

// words returns up to n texts.
func (r generator) words(n int) []string {
	words := make([]string, r.IntN(n+1))
	for i := range words {
		words[i] = pick(r, r.word, r.plain)()
	}
	return words
}

// call returns a random call.
func (r generator) call() call {
	return pick(r, r.pipInstall, r.requirements, r.pyproject, r.addLocalFile, r.addLocalDir, r.runCommands, r.env, r.workdir, r.entrypoint, r.cmd, r.dockerfileCommands)()
}

// options returns options of pip for both builders, and the words that they become.
func (r generator) options(values map[string]any) (sdk, fleet map[string]any, words []string) {
	sdk, fleet = map[string]any{}, values
	if links := r.words(2); len(links) > 0 {
		sdk["findLinks"], fleet["find_links"] = links, links
		for _, l := range links {
			words = append(words, "--find-links", l)
		}
	}
	if r.IntN(2) == 0 {
		url := r.word()
		sdk["indexUrl"], fleet["index_url"] = url, url
		words = append(words, "--index-url", url)
	}
	if urls := r.words(2); len(urls) > 0 {
		sdk["extraIndexUrls"], fleet["extra_index_urls"] = urls, urls
		for _, u := range urls {
			words = append(words, "--extra-index-url", u)
		}
	}
	if r.IntN(2) == 0 {
		sdk["pre"], fleet["pre"] = true, true
		words = append(words, "--pre")
	}
	if r.IntN(2) == 0 {
		sdk["extraOptions"], fleet["extra_options"] = " --no-deps -v ", " --no-deps -v "
		words = append(words, "--no-deps", "-v")
	}
	return sdk, fleet, words
}

func (r generator) pipInstall() call {
	packages := append(r.words(4), r.plain())
	sdk, fleet, words := r.options(map[string]any{"packages": packages})
	line := slices.Concat([]string{"python", "-m", "pip", "install"}, slices.Sorted(slices.Values(packages)), words)
	return call{sdkCall{"pipInstall", []any{packages, sdk}}, map[string]any{"pip_install": fleet}, [][]string{line}}
}

func (r generator) requirements() call {
	file := pick(r, "requirements.txt", "./requirements.txt", "my reqs/dev.txt", "src/../requirements.txt")
	sdk, fleet, words := r.options(map[string]any{"requirements_txt": file})
	return call{
		sdkCall{"pipInstallFromRequirements", []any{file, sdk}},
		map[string]any{"pip_install_from_requirements": fleet},
		[][]string{
			{sourceWord(file), "/.requirements.txt"},
			slices.Concat([]string{"python", "-m", "pip", "install", "-r", "/.requirements.txt"}, words),
		},
	}
}

func (r generator) pyproject() call {
	sdk, fleet, words := r.options(map[string]any{"pyproject_toml": "pyproject.toml"})
	packages := []string{"zlib>1", `b[x]; python_version < "3.9"`, "it's"}
	if r.IntN(2) == 0 {
		sdk["optionalDependencies"], fleet["groups"] = []string{"dev"}, []string{"dev"}
		packages = append(packages, "pytest~=8.0", "a")
	}
	slices.Sort(packages)
	return call{
		sdkCall{"pipInstallFromPyproject", []any{"pyproject.toml", sdk}},
		map[string]any{"pip_install_from_pyproject": fleet},
		[][]string{slices.Concat([]string{"python", "-m", "pip", "install"}, packages, words)},
	}
}

func (r generator) addLocalFile() call {
	from := pick(r, "src/a.py", "./src//a.py", "dir with blanks/c d.txt", "a[1]*.txt", "it's", "$HOME.txt", "é/ü.txt")
	to := pick(r, "/app/", "/app/x.py", "/with blanks/x", "rel")
	target := to
	if strings.HasSuffix(to, "/") {
		target += path.Base(from)
	}
	return call{
		sdkCall{"addLocalFile", []any{from, to}},
		map[string]any{"add_local_file": map[string]string{"local_path": from, "remote_path": to}},
		[][]string{{sourceWord(from), target}},
	}
}

func (r generator) addLocalDir() call {
	from, to := pick(r, "src", "./src/", "src/lib", "dir with blanks", "."), pick(r, "/app", "/app/", "/it's")
	return call{
		sdkCall{"addLocalDir", []any{from, to}},
		map[string]any{"add_local_dir": map[string]string{"local_path": from, "remote_path": to}},
		[][]string{{sourceWord(from), to}},
	}
}

// sourceWord returns the word that Docker reads as the source for a local path.
func sourceWord(p string) string {
	return strings.NewReplacer("*", "[*]", "[", "[[]").Replace(path.Clean(p))
}

func (r generator) runCommands() call {
	var commands []any
	for range 1 + r.IntN(2) {
		commands = append(commands, pick[any](r, "echo \"hi\" && ls", "a | b > 'c d'", []string{"bash", "-c", "echo \"a\" 'b' $X"}, []string{"make", "a b"}))
	}
	return call{sdkCall{"runCommands", commands}, map[string]any{"run_commands": commands}, make([][]string, len(commands))}
}

func (r generator) env() call {
	value := pick(r, r.word, r.plain, func() string { return "" })()
	pair := map[string]string{"KEY": value}
	return call{sdkCall{"env", []any{pair}}, map[string]any{"env": pair}, [][]string{{"KEY", value}}}
}

func (r generator) workdir() call {
	dir := pick(r, "/app", "/a b", "/"+r.word(), "rel")
	return call{sdkCall{"workdir", []any{dir}}, map[string]any{"workdir": dir}, [][]string{{dir}}}
}

func (r generator) entrypoint() call {
	words := r.words(3)
	return call{sdkCall{"entrypoint", []any{words}}, map[string]any{"entrypoint": words}, [][]string{words}}
}

func (r generator) cmd() call {
	words := r.words(3)
	return call{sdkCall{"cmd", []any{words}}, map[string]any{"cmd": words}, [][]string{words}}
}

func (r generator) dockerfileCommands() call {
	commands := []string{"RUN echo one", pick(r, "COPY src/a.py /x", "COPY --chown=1:1 src /y", "USER app", "# why")}
	return call{sdkCall{"dockerfileCommands", []any{commands}}, map[string]any{"dockerfile_commands": commands}, make([][]string, len(commands))}
}

// compareContexts compares the local files that both builders need. Paths of the SDK are
// not normalized.
func compareContexts(t *testing.T, ours []image.Source, theirs []string) {
	t.Helper()
	var a, b []string
	for _, s := range ours {
		a = append(a, path.Clean(s.Pattern))
	}
	for _, p := range theirs {
		b = append(b, path.Clean(p))
	}
	if !slices.Equal(a, b) {
		t.Errorf("fleet needs %q, and the SDK %q", a, b)
	}
}
