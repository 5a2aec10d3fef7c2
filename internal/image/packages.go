package image

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// aptInstall installs packages of Debian in one layer, without what the installation
// leaves behind.
type aptInstall struct {
	packages   []string
	recommends bool
	options    string
}

func (a aptInstall) render(w *writer) {
	if len(a.packages) == 0 {
		return
	}
	install := "DEBIAN_FRONTEND=noninteractive apt-get install -y"
	if !a.recommends {
		install += " --no-install-recommends"
	}
	if slices.ContainsFunc(a.packages, isAptPattern) {
		install += " -o APT::Cmd::Pattern-Only=true" // the name of a missing package is no regular expression
	}
	w.line("RUN apt-get update &&", install+a.options, shellWords(a.packages), "&& apt-get clean && rm -rf /var/lib/apt/lists/*")
}

// isAptPattern reports whether apt-get reads a name as a regular expression if there is no
// such package, and then installs all that match it.
func isAptPattern(name string) bool {
	name, _, _ = strings.Cut(name, "=") // a version
	return strings.ContainsAny(name, ".?+*|[^$")
}

// decodeApt reads packages, or a mapping of them and options.
func decodeApt(r reader, n *yaml.Node, path string) part {
	list, keys := r.packages(n, path, aptKeys)
	for _, name := range list {
		if name != "" && strings.HasSuffix(name, "-") {
			r.Errorf(n, path, "apt-get removes a package whose name ends in a hyphen").Hint = "remove packages by run_commands"
			break
		}
	}
	return aptInstall{list, r.flag(keys["recommends"], at(path, "recommends"), false), r.extraOptions(keys, path)}
}

// npmInstall installs packages of Node.
type npmInstall struct {
	packages []string
	options  string
}

func (i npmInstall) render(w *writer) {
	if len(i.packages) > 0 {
		w.line("RUN npm install"+i.options, shellWords(i.packages))
	}
}

// decodeNPM reads packages, or a mapping of them and options.
func decodeNPM(r reader, n *yaml.Node, path string) part {
	list, keys := r.packages(n, path, npmKeys)
	options := ""
	if r.flag(keys["global"], at(path, "global"), true) {
		options = " --global"
	}
	if url := keys["registry"]; url != nil {
		r.warnSecretIn(url, at(path, "registry"))
		options += " --registry " + shellQuote(r.oneLine(url, at(path, "registry")))
	}
	return npmInstall{list, options + r.extraOptions(keys, path)}
}

// uvInstall installs Python packages by uv.
type uvInstall struct {
	packages []string
	version  string // of uv; empty means the one of the image, or else the newest
	options  string
}

func (u uvInstall) render(w *writer) {
	if len(u.packages) == 0 {
		return
	}
	switch {
	case u.version != "":
		w.line("COPY --from=ghcr.io/astral-sh/uv:"+u.version, "/uv /uvx /usr/local/bin/")
	case !w.hasUV:
		w.line("RUN command -v uv || python -m pip install uv")
	}
	w.hasUV = true
	w.line("RUN uv pip install --system", shellWords(u.packages)+u.options)
}

// decodeUV reads packages, or a mapping of them and options.
func decodeUV(r reader, n *yaml.Node, path string) part {
	list, keys := r.packages(n, path, uvKeys)
	u := uvInstall{packages: list, options: strings.Replace(r.pipOptions(keys, path), " --pre", " --prerelease allow", 1)}
	if v := keys["version"]; v != nil {
		u.version = r.matching(v, at(path, "version"), "a version of uv, such as 0.9.13", uvVersionPattern.MatchString)
	}
	return u
}

// packages reads a package, a list of packages, or a mapping with packages and options.
// The packages are sorted.
func (r reader) packages(n *yaml.Node, path string, keys []Key) ([]string, map[string]*yaml.Node) {
	var values map[string]*yaml.Node
	if r.isMapping(n) {
		values = r.mapping(n, path, keys)
		if n = values["packages"]; n == nil {
			return nil, values
		}
		path = at(path, "packages")
	}
	var list []string
	for _, item := range r.items(n, path) {
		s := strings.TrimSpace(r.oneLine(item.node, item.path))
		switch {
		case strings.HasPrefix(s, "-"):
			r.Errorf(item.node, item.path, "a package must not begin with a hyphen, which begins an option").Hint = "write options under extra_options"
		case strings.ContainsAny(s, " \t") && !strings.ContainsAny(s, "<>=!~@;"):
			r.Errorf(item.node, item.path, "a package must not contain blanks").Hint = "write one list item for each package"
		}
		list = append(list, s)
	}
	slices.Sort(list)
	return list, values
}

var (
	aptKeys = []Key{
		packagesKey,
		{Name: "recommends", Type: "true or false", Doc: "Install recommended packages, too. The default is false.", Example: "recommends: true", Schema: flagSchema},
		extraOptionsKey,
	}
	npmKeys = []Key{
		packagesKey,
		{Name: "global", Type: "true or false", Doc: "Install for all directories of the image. The default is true; false installs into the working directory.", Example: "global: false", Schema: flagSchema},
		{Name: "registry", Type: "URL", Doc: "Registry of packages.", Example: "registry: https://npm.example.com", Schema: oneLineSchema},
		extraOptionsKey,
	}
)

var aptRow = Row{
	Name: "apt_install", Type: "package, list of packages, or mapping", Doc: "Install packages of Debian or Ubuntu in one layer, without recommended ones.", Example: "apt_install: [git, curl]",
	Keys: aptKeys, Schema: orKeys(listSchema, aptKeys), decode: decodeApt,
}

var npmRow = Row{
	Name: "npm_install", Type: "package, list of packages, or mapping", Doc: "Install packages of Node.", Example: "npm_install: [typescript]",
	Keys: npmKeys, Schema: orKeys(listSchema, npmKeys), decode: decodeNPM,
}
