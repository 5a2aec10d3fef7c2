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

// Rows of the parts of generated names.
var (
	namePrefixRow = naming(&Attribute{
		Key:     "name_prefix",
		Doc:     "Prefix of names that are generated from the key. An explicit name has no prefix. A new prefix means new names, so the sandboxes are replaced.",
		Example: `name_prefix: dev-`,
	})
	nameSuffixRow = naming(&Attribute{
		Key:     "name_suffix",
		Doc:     "Suffix of names that are generated from the key. An explicit name has no suffix. A new suffix means new names, so the sandboxes are replaced.",
		Example: `name_suffix: -dev`,
	})
	namingRows = []*Attribute{namePrefixRow, nameSuffixRow}
)

func naming(a *Attribute) *Attribute {
	a.Type, a.Naming = text, true
	return structuralRow(a)
}

// namingKeys returns the top-level keys for generated names.
func namingKeys() []Key {
	docs := map[*Attribute]string{
		namePrefixRow: "Prefix of the generated names of sandboxes; ${fleet.environment} in it separates environments. The name_prefix of defaults, templates and blocks takes precedence. A change replaces the sandboxes.",
		nameSuffixRow: "Suffix of the generated names of sandboxes. The name_suffix of defaults, templates and blocks takes precedence. A change replaces the sandboxes.",
	}
	var keys []Key
	for _, a := range namingRows {
		keys = append(keys, Key{Name: a.Key, Type: a.Type.Name, Doc: docs[a], Example: a.Example, schema: jsonschema.Text.OrExpression().OrNull()})
	}
	return keys
}

// readNaming reads a top-level key for generated names. The defaults of sandboxes take
// precedence over it. Several parts may have the same value; an environment may have
// another one.
func (l *loader) readNaming(p part, e decode.Entry) {
	a := sandboxTable.find(e.Name)
	before, twice := l.naming[a]
	if twice && p.environment == "" {
		if a, b := yamldoc.FollowAlias(before.node), yamldoc.FollowAlias(e.Value); a.Kind != yaml.ScalarNode || b.Kind != yaml.ScalarNode || a.Value != b.Value {
			p.d.Errorf(e.Value, e.Name, "it conflicts with %s at %s", e.Name, before.pos)
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

// namesResources reports whether the block sets an explicit name.
func (b block) namesResources(kind Kind) bool { return b.has(Tables[kind].find(nameRow.Key)) }

// hasPerCopyNames reports whether an expression in the names refers to the copy, so
// that they need no index.
func (dc *blockDecl) hasPerCopyNames() bool {
	row := Tables[dc.Kind].find(nameRow.Key)
	if dc.merged.has(row) {
		return dc.merged[row].perCopy
	}
	return slices.ContainsFunc(namingRows, func(a *Attribute) bool { return dc.merged[a].perCopy })
}

// setName sets the name of one copy in its attributes, and reports whether the spec
// sets an explicit name. follows is the index to append; it is not appended if an
// expression in the name, prefix or suffix refers to the copy.
func (dc *blockDecl) setName(own *attributes, follows string) (given bool) {
	row := Tables[dc.Kind].find(nameRow.Key)
	if row == nil { // it has no object that could have a name
		return false
	}
	if dc.hasPerCopyNames() {
		follows = ""
	}
	prefix, suffix := own.text(namePrefixRow), own.text(nameSuffixRow)
	own.remove(namePrefixRow)
	own.remove(nameSuffixRow)
	name, given := own.get(row).(string)
	if given {
		own.set(row, name+follows)
	} else {
		own.set(row, prefix+dc.Key+follows+suffix)
	}
	return given
}

// namingRule returns the key that determines generated names, for hints; "" if none
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

// namingNode returns a prefix or suffix of a group's names as YAML.
func (v *locatedValue) namingNode() *yaml.Node {
	if v.perCopy {
		return v.perCopyNode(false)
	}
	return yamldoc.NodeOf(v.value)
}

// isNamePart reports whether the attribute is a name or a part of names.
func (a *Attribute) isNamePart() bool { return a.Naming || a.Key == nameRow.Key }

// checkNotSensitive reports an error if a name, or a part of names, is sensitive.
func (v *locatedValue) checkNotSensitive() bool {
	if v.sensitive {
		v.decoder.ErrorfAt(v.pos, v.path, "a sensitive value cannot be part of a name, since names are printed")
	}
	return !v.sensitive
}

// namingOrigin returns the positions of the prefix and suffix of a generated name.
func (dc *blockDecl) namingOrigin() string {
	var places []string
	for _, a := range namingRows {
		if v, ok := dc.merged[a]; ok {
			places = append(places, a.Key+", "+v.origin())
		}
	}
	return strings.Join(places, "; ")
}

// HasGeneratedNames reports whether a sandbox of the fleet has a name with the
// fleet's name_prefix or name_suffix.
func (f *Fleet) HasGeneratedNames() bool {
	return slices.ContainsFunc(f.Resources, func(r *Resource) bool { return r.hasGeneratedName })
}
