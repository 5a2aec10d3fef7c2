package spec

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/yamldoc"
)

// Rows that make the names of sandboxes for which the spec gives none.
var (
	namePrefixRow = naming(&Attribute{
		Key:     "name_prefix",
		Doc:     "What a name that is made of the key begins with. A given name is left as it is. Another prefix is another name: the sandboxes are replaced.",
		Example: `name_prefix: dev-`,
	})
	nameSuffixRow = naming(&Attribute{
		Key:     "name_suffix",
		Doc:     "What a name that is made of the key ends with. A given name is left as it is. Another suffix is another name: the sandboxes are replaced.",
		Example: `name_suffix: -dev`,
	})
	namingRows = []*Attribute{namePrefixRow, nameSuffixRow}
)

func naming(a *Attribute) *Attribute {
	a.Type, a.Naming = text, true
	return structuralRow(a)
}

// namingKeys are the rules for the names of the whole fleet.
func namingKeys() []Key {
	docs := map[*Attribute]string{
		namePrefixRow: "What the names of sandboxes begin with, for which the spec gives none; ${fleet.environment} keeps environments apart. defaults, templates and blocks have one of their own, which wins. To change it replaces the sandboxes.",
		nameSuffixRow: "What the names of sandboxes end with, for which the spec gives none. defaults, templates and blocks have one of their own, which wins. To change it replaces the sandboxes.",
	}
	var keys []Key
	for _, a := range namingRows {
		keys = append(keys, Key{Name: a.Key, Type: a.Type.Name, Doc: docs[a], Example: a.Example, schema: jsonschema.Text.OrExpression().OrNull()})
	}
	return keys
}

// readNaming reads the rules for the names of the whole fleet, which are below
// the defaults of sandboxes. Parts may agree on a rule, and an environment may
// have another one.
func (l *loader) readNaming(p part, e decode.Entry) {
	a := sandboxTable.find(e.Name)
	before, twice := l.naming[a]
	if twice && p.environment == "" {
		if a, b := yamldoc.FollowAlias(before.node), yamldoc.FollowAlias(e.Value); a.Kind != yaml.ScalarNode || b.Kind != yaml.ScalarNode || a.Value != b.Value {
			p.d.Errorf(e.Value, e.Name, "it contradicts %s at %s", e.Name, before.pos)
		}
		return
	}
	p.d.layer = p.layer("")
	b := block{}
	p.d.attribute(b, a, locatedValue{node: e.Value, path: e.Name})
	if v := b[a]; v.isNull && p.environment == "" {
		v.rejectUselessNull(a)
	}
	l.naming = b.overlay(l.naming)
}

// applyNaming lays the defaults of sandboxes over the naming rules of the fleet.
func (l *loader) applyNaming() {
	rules := block{}
	for a, v := range l.naming {
		if !v.isNull {
			rules[a] = v
		}
	}
	if len(rules) > 0 {
		l.defaults[SandboxKind] = l.defaults[SandboxKind].overlay(rules)
	}
}

// namesResources reports whether the block, and no rule, gives its resources their names.
func (b block) namesResources(kind Kind) bool { return b.has(Tables[kind].find(nameRow.Key)) }

// hasPerCopyNames reports whether the names of the copies differ in more than what
// follows them: an expression in them refers to the copy.
func (dc *blockDecl) hasPerCopyNames() bool {
	row := Tables[dc.Kind].find(nameRow.Key)
	if dc.merged.has(row) {
		return dc.merged[row].perCopy
	}
	return slices.ContainsFunc(namingRows, func(a *Attribute) bool { return dc.merged[a].perCopy })
}

// setName puts the name of one copy into its attributes, with what follows it,
// and reports whether the spec gives the name. Where an expression in the name,
// or in its prefix or suffix, refers to the copy, nothing follows it.
func (dc *blockDecl) setName(own Attrs, follows string) (given bool) {
	row := Tables[dc.Kind].find(nameRow.Key)
	if dc.hasPerCopyNames() {
		follows = ""
	}
	prefix, suffix := own.text(namePrefixRow), own.text(nameSuffixRow)
	delete(own, namePrefixRow)
	delete(own, nameSuffixRow)
	name, given := own[row].(string)
	if given {
		own[row] = name + follows
	} else {
		own[row] = prefix + dc.Key + follows + suffix
	}
	return given
}

// namingRule is the rule that makes the names of a block, for hints; "" when none
// does.
func (dc *blockDecl) namingRule() string {
	has := func(a *Attribute) string {
		if dc.merged.has(a) {
			return a.Key
		}
		return ""
	}
	return cmp.Or(has(namePrefixRow), has(nameSuffixRow))
}

// namingNode is the rule of a group's names as a spec has it.
func (v *locatedValue) namingNode() *yaml.Node {
	if v.perCopy {
		return v.perCopyNode(false)
	}
	return yamldoc.NodeOf(v.value)
}

// isNamePart reports whether the attribute is a name, or a part of names.
func (a *Attribute) isNamePart() bool { return a.Naming || a.Key == nameRow.Key }

// checkNotSensitive tells of a name, or a rule for names, with a sensitive value.
func (v *locatedValue) checkNotSensitive() bool {
	if v.sensitive {
		v.decoder.ErrorfAt(v.pos, v.path, "a sensitive value cannot make names, which are shown everywhere")
	}
	return !v.sensitive
}

// namingOrigin tells which rules made the names of a block.
func (dc *blockDecl) namingOrigin() string {
	var places []string
	for _, a := range namingRows {
		if v, said := dc.merged[a]; said {
			places = append(places, a.Key+", "+v.origin())
		}
	}
	return strings.Join(places, "; ")
}

// HasGeneratedNames reports whether name_prefix or name_suffix made the name of a
// sandbox of the fleet.
func (f *Fleet) HasGeneratedNames() bool {
	return slices.ContainsFunc(f.Resources, func(r *Resource) bool { return r.hasGeneratedName })
}
