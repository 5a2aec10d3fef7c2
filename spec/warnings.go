package spec

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/distribution/reference"

	"fleet/internal/decode"
	"fleet/internal/expr"
	"fleet/internal/secretname"
	"fleet/internal/yamldoc"
)

// A caution is something that a spec may say and that is seldom meant, or
// dangerous. It is told at the attribute's place.
type lintRule struct {
	code    string // one of [WarningRules]
	kind    Kind
	at      *Attribute
	problem func(b block) string // what is unwise, or ""
	hint    string
}

var lintRules = []lintRule{
	{"restarts", SandboxKind, stateRow, restartLoop, "auto_stop_interval: 0 keeps it running"},
	{"moving-tag", SandboxKind, imageRow, movingTag(imageRow), "name a version, or a digest"},
	{"moving-tag", SnapshotKind, snapshotImageRow, movingTag(snapshotImageRow), "name a version, or a digest"},
	{"literal-secret", SandboxKind, proxyRow, func(b block) string {
		v := b[proxyRow]
		u, err := url.Parse(b.text(proxyRow))
		if _, has := u.User.Password(); err == nil && has && !v.sensitive {
			return "a password stands in the spec"
		}
		return ""
	}, "give it by reference, as in {from_env: NAME}"},
}

// restartLoop is a sandbox that is to run and that the server stops.
func restartLoop(b block) string {
	v, said := b[autoStopRow]
	if b.text(stateRow) != Started || said && v.value == 0 || b.number(autoPauseRow) > 0 {
		return ""
	}
	after := "15 idle minutes, as it does by default"
	if said {
		after = fmt.Sprintf("%v idle minutes", v.value)
	}
	return "the server stops it after " + after + ", and each apply starts it again"
}

// movingTag is an image by a tag that will name another image one day.
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
		return fmt.Sprintf("the tag %s names no version: what it stands for changes", tagged.Tag())
	}
}

// lint tells of what is unwise about a resource.
func (l *loader) lint(dc *blockDecl, b block) {
	at := dc.Kind.Section() + "." + dc.Key
	for _, c := range lintRules {
		v, said := b[c.at]
		if c.kind != dc.Kind || !said || b.hasUnknown() {
			continue
		}
		if wrong := c.problem(b); wrong != "" {
			v.decoder.WarnfAt(c.code, v.pos, at+"."+c.at.Key, "%s", wrong).Hint = c.hint
		}
	}
	for a, v := range b {
		switch {
		case a.Secret && a.Type.merge != nil:
			warnLiteralSecrets(v)
		case v.fromSensitiveVar && !a.Secret && a.Role == Remote:
			v.decoder.warnExposedSecret(v.pos, at+"."+a.Key)
		}
	}
}

// warnExposedSecret warns of the value of a sensitive variable in what everybody in the organisation
// may read.
func (d *decoder) warnExposedSecret(pos Position, path string) {
	d.WarnfAt("shown-secret", pos, path, "the value of a sensitive variable stands where the server shows it in clear").Hint = "put secrets into env_vars or secrets; a value that is none needs a variable without sensitive"
}

// warnLiteralSecrets warns of secrets that are written into the spec.
func warnLiteralSecrets(v locatedValue) {
	entries := yamldoc.FollowAlias(v.node).Content
	for i := 0; i+1 < len(entries); i += 2 {
		name, n := entries[i], yamldoc.FollowAlias(entries[i+1])
		if standard := yamldoc.Child(n, "default"); standard != nil && decode.IsValueFrom(n) {
			n = yamldoc.FollowAlias(standard)
		}
		if n.Value == "" || strings.Contains(n.Value, expr.Open) || !secretname.IsSecret(name.Value, n) {
			continue
		}
		m := v.decoder.Warnf("literal-secret", name, yamldoc.Join(v.path, name.Value), "a secret stands in the spec")
		m.Hint = "give it by reference, as in {from_env: NAME}, or as a Daytona secret under secrets"
	}
	if v.base != nil {
		warnLiteralSecrets(*v.base)
	}
}

// lintLookalikes warns of names that differ in nothing but the case of letters.
func (l *loader) lintLookalikes(f *Fleet) {
	first := map[string]*Resource{}
	for _, r := range f.Resources {
		id := string(r.Kind) + " " + strings.ToLower(r.Name())
		before := first[id]
		switch {
		case before == nil:
			first[id] = r
		case before.Name() != r.Name():
			_ = r.from.decoder.WarnfAt("lookalike", r.Pos, r.Kind.Section()+"."+r.from.Key, "the name %q differs from that of %s, %q, only in case", r.Name(), before.Address, before.Name())
		}
	}
}

// WarningRules returns what the warnings of a spec are about, by their codes.
func WarningRules() map[string]string {
	return map[string]string{
		"restarts":         "A sandbox is to be kept started and stops itself",
		"moving-tag":       "An image is given by a tag without a version",
		"literal-secret":   "A secret is written into the spec",
		"shown-secret":     "The value of a sensitive variable stands where the server shows it in clear",
		"lookalike":        "Two names differ only in case",
		"not-read":         "A file of a directory looks like part of the spec and is not read",
		"new-in-overlay":   "An environment has a resource that may be a misspelt other one",
		sameNames:          "Two environments want objects of the same names",
		sameFleet:          "Two environments that differ are one fleet",
		"no-final-newline": "A file ends within a text, which readers of YAML take for different texts",
		"unknown-code":     "A comment acknowledges a warning that does not exist",
	}
}
