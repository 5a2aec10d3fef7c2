package spec

import (
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/expr"
	"fleet/internal/secretname"
	"fleet/internal/yamldoc"
)

// A lintRule finds a legal value that is probably a mistake, or dangerous.
type lintRule struct {
	code    string // one of [WarningRules]
	kind    Kind
	at      *Attribute           // the warning is reported at its position
	problem func(b block) string // returns the message, or ""
	hint    string
}

var lintRules = []lintRule{
	{"restarts", SandboxKind, stateRow, restartLoop, "set auto_stop_interval: 0 to keep it running"},
	{"moving-tag", SandboxKind, imageRow, movingTag(imageRow), "use a tag with a version, or a digest"},
	{"moving-tag", SnapshotKind, snapshotImageRow, movingTag(snapshotImageRow), "use a tag with a version, or a digest"},
	{"literal-secret", SandboxKind, proxyRow, func(b block) string {
		v := b[proxyRow]
		u, err := url.Parse(b.text(proxyRow))
		if _, has := u.User.Password(); err == nil && has && !v.sensitive {
			return "the spec contains a password"
		}
		return ""
	}, "use a reference such as {from_env: NAME}"},
	{"literal-key", SandboxKind, labelsRow, expressionInKey, "write the name of the label without an expression"},
}

// expressionInKey finds a label whose name looks like an expression.
func expressionInKey(b block) string {
	labels, _ := b[labelsRow].value.(map[string]string)
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		if strings.Contains(k, expr.Open) {
			return fmt.Sprintf("the label is called %q: keys cannot contain expressions", k)
		}
	}
	return ""
}

// restartLoop finds a sandbox that is to be kept started and that the server stops.
func restartLoop(b block) string {
	v, isSet := b[autoStopRow]
	if b.text(stateRow) != Started || isSet && v.value == 0 || b.number(autoPauseRow) > 0 {
		return ""
	}
	after := "15 idle minutes, the default"
	if isSet {
		after = fmt.Sprintf("%v idle minutes", v.value)
	}
	return "the server stops it after " + after + ", and each apply starts it again"
}

// movingTag finds an image whose tag is likely to refer to another image later.
func movingTag(row *Attribute) func(block) string {
	return func(b block) string {
		i, _ := b[row].value.(Image)
		named, err := reference.ParseNormalizedNamed(i.Name)
		if err != nil {
			return ""
		}
		tagged, isTagged := named.(reference.Tagged)
		if _, digested := named.(reference.Digested); digested || !isTagged || strings.ContainsAny(tagged.Tag(), "0123456789") {
			return ""
		}
		return fmt.Sprintf("the tag %s has no version: the image that it refers to may change", tagged.Tag())
	}
}

// lint reports the warnings about a resource.
func (l *loader) lint(dc *blockDecl, b block) {
	at := dc.Kind.Section() + "." + dc.Key
	for _, c := range lintRules {
		v, isSet := b[c.at]
		if c.kind != dc.Kind || !isSet || b.hasUnknown() {
			continue
		}
		if wrong := c.problem(b); wrong != "" {
			v.decoder.WarnfAt(c.code, v.pos, at+"."+c.at.Key, "%s", wrong).Hint = c.hint
		}
	}
	exposed := false
	for a, v := range b {
		exposed = exposed || v.fromSensitiveVar && a.Role == Part
		switch {
		case a.Secret && a.Type.merge != nil:
			warnLiteralSecrets(v)
		case v.fromSensitiveVar && !a.Secret && a.Role == Remote:
			v.decoder.warnExposedSecret(v.pos, at+"."+a.Key)
		}
	}
	if exposed {
		dc.decoder.warnExposedSecret(dc.pos, at)
	}
}

// warnExposedSecret warns that the value of a sensitive variable is used where all
// members of the organisation can read it.
func (d *decoder) warnExposedSecret(pos Position, path string) {
	d.WarnfAt("shown-secret", pos, path, "the value of a sensitive variable is used where the server returns it in plain text").Hint = "use secrets only in env_vars and secrets; if the value is not secret, remove sensitive from the variable"
}

// warnLiteralSecrets warns about secrets that are written into the spec.
func warnLiteralSecrets(v locatedValue) {
	for name := range v.literalSecrets() {
		m := v.decoder.Warnf("literal-secret", name, yamldoc.Join(v.path, name.Value), "the spec contains a secret")
		m.Hint = "use a reference such as {from_env: NAME}, or a Daytona secret under secrets"
	}
	if v.base != nil {
		warnLiteralSecrets(*v.base)
	}
}

// literalSecrets returns the keys of a mapping whose values are secrets that are written
// into the spec. It returns none if the YAML was released.
func (v *locatedValue) literalSecrets() iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		if v.node == nil {
			return
		}
		entries := yamldoc.FollowAlias(v.node).Content
		for i := 0; i+1 < len(entries); i += 2 {
			name, n := entries[i], yamldoc.FollowAlias(entries[i+1])
			if standard := yamldoc.Child(n, "default"); standard != nil && decode.IsValueFrom(n) {
				n = yamldoc.FollowAlias(standard)
			}
			if n.Value == "" || strings.Contains(n.Value, expr.Open) || !secretname.IsSecret(name.Value, n) {
				continue
			}
			if !yield(name) {
				return
			}
		}
	}
}

// lintLookalikes warns about names that differ only in case.
func (l *loader) lintLookalikes(f *Fleet) {
	first := make(map[Address]*Resource, len(f.Resources)) // by name in lower case
	for _, r := range f.Resources {
		id := Address{r.Kind, strings.ToLower(r.Name())}
		before := first[id]
		switch {
		case before == nil:
			first[id] = r
		case before.Name() != r.Name():
			_ = r.from.decoder.WarnfAt("lookalike", r.Pos, r.Kind.Section()+"."+r.from.Key, "the name %q differs only in case from that of %s, %q", r.Name(), before.Address, before.Name())
		}
	}
}

// WarningRules returns the descriptions of the warnings by their codes.
func WarningRules() map[string]string {
	return map[string]string{
		"restarts":         "A sandbox is to be kept started, and the server stops it when idle",
		"moving-tag":       "The tag of an image has no version",
		"literal-secret":   "The spec contains a secret",
		"literal-key":      "A key looks like an expression",
		"shown-secret":     "The value of a sensitive variable is used where the server returns it in plain text",
		"lookalike":        "Two names differ only in case",
		"not-read":         "A file of a directory looks like part of the spec and is not read",
		"new-in-overlay":   "An environment has a resource whose key may be a typing error",
		sameNames:          "Two environments declare objects with the same names",
		sameFleet:          "Two different environments have the same fleet name",
		"no-final-newline": "A file ends within a text without a line break, which YAML parsers read differently",
		"dockerfile":       "A Dockerfile can be built, but is likely wrong",
		"private-registry": "Daytona has to know the registry of an image",
		"left-out":         "A file is not sent, because it would take the place of the Dockerfile",
		"shell-words":      "A word of a command is another word for the shell",
		"other-index":      "A requirements file replaces the index of a step",
		"unknown-code":     "A comment acknowledges a warning that does not exist",
	}
}
