package image

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// pipInstall installs packages.
type pipInstall struct {
	packages []string
	options  string // with a leading space each
}

func (p pipInstall) render(w *writer) {
	if len(p.packages) > 0 {
		w.line("RUN python -m pip install", shellWords(slices.Sorted(slices.Values(p.packages)))+p.options)
	}
}

// decodePipInstall reads packages, or a mapping of them and options.
func decodePipInstall(r reader, n *yaml.Node, path string) part {
	if !r.isMapping(n) {
		return pipInstall{packages: r.oneLines(n, path)}
	}
	keys := r.mapping(n, path, pipInstallKeys)
	p := pipInstall{options: r.pipOptions(keys, path)}
	if list := keys["packages"]; list != nil {
		p.packages = r.oneLines(list, at(path, "packages"))
	}
	return p
}

// pipOptions reads the options that all steps of pip have, in the order of the SDK.
func (r reader) pipOptions(keys map[string]*yaml.Node, path string) string {
	var b strings.Builder
	values := func(key, option string) {
		if n := keys[key]; n != nil {
			for _, item := range r.items(n, at(path, key)) {
				r.warnSecretIn(item.node, item.path)
				b.WriteString(" " + option + " " + shellQuote(r.oneLine(item.node, item.path)))
			}
		}
	}
	values("find_links", "--find-links")
	if n := keys["index_url"]; n != nil {
		where := at(path, "index_url")
		r.warnSecretIn(n, where)
		b.WriteString(" --index-url " + shellQuote(r.oneLine(n, where)))
	}
	values("extra_index_urls", "--extra-index-url")
	if r.flag(keys["pre"], at(path, "pre"), false) {
		b.WriteString(" --pre")
	}
	b.WriteString(r.extraOptions(keys, path))
	return b.String()
}

// extraOptions reads options that are a part of the command line as they are.
func (r reader) extraOptions(keys map[string]*yaml.Node, path string) string {
	n := keys["extra_options"]
	if n == nil {
		return ""
	}
	where := at(path, "extra_options")
	r.warnSecretIn(n, where)
	s := strings.TrimSpace(r.oneLine(n, where))
	if continues(s) {
		r.Errorf(n, where, "the options end in a backslash, which makes the next step a part of them").Hint = "remove the backslash"
	}
	return " " + s
}
