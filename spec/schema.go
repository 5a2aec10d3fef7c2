package spec

import (
	"slices"
	"strings"
)

// The dialect of the schemas, and the name of that of specs. The name changes
// with the version of the spec language.
const (
	schemaDialect = "https://json-schema.org/draft/2020-12/schema"
	specSchemaID  = "urn:fleet:spec:1"
)

// JSONSchema is the JSON Schema of a spec file. It accepts all that can be read
// as a spec, or as a part of one, and refuses what no values of variables, no
// other layers and no other files could make right, as far as JSON Schema has
// words for it.
func JSONSchema() Schema {
	root := keysSchema(topLevel)
	root["$schema"], root["$id"] = schemaDialect, specSchemaID
	root["title"] = "fleet spec"
	root["description"] = "A spec of fleet, version 1, or one of several files that make up a spec."
	defs := Schema{
		"expression":  Schema{"type": "string", "pattern": expressionPattern, "description": "A text with an expression, such as ${var.size}."},
		"text":        Schema{"anyOf": []Schema{textSchema, ref("reference")}},
		"reference":   valueFromSchema(),
		"variable":    withDescription(variableSchema(), "A variable: its default, or what it has to be."),
		"image":       imageSchema(),
		"environment": environmentSchema(),
	}
	for kind, t := range Tables {
		defs[string(kind)] = blockSchema(t, kind, "", true).orNull()
		defs["defaults-of-"+kind.Section()] = blockSchema(t, kind, "", false).orNull()
		for _, a := range t {
			if a.Role != Derived {
				defs[schemaName(kind, a)] = withExample(withDescription(valueSchema(t, a), referenceText(a)), a.Example, a.Key)
			}
		}
	}
	root["$defs"] = defs
	return root
}

// environmentSchema is for a partial spec, which speaks as the whole does, or
// for the file of one.
func environmentSchema() Schema {
	properties := Schema{}
	for _, key := range overlayKeys {
		properties[key] = Schema{"$ref": "#/properties/" + key}
	}
	s := typed("object", "string", "null").with(Schema{"properties": properties, "additionalProperties": false})
	return withDescription(s, "A partial spec, laid over the rest, or the file of one.")
}

// schema is that of a block, or of the part of it below a prefix. own blocks
// speak of one resource.
func blockSchema(t Table, kind Kind, prefix string, own bool) Schema {
	properties := Schema{}
	for _, a := range t {
		rest, below := strings.CutPrefix(a.Key, prefix)
		if !below || a.Role == Derived || a.PerResource && !own {
			continue
		}
		key, _, nested := strings.Cut(rest, ".")
		switch {
		case nested && properties[key] == nil:
			properties[key] = withDescription(blockSchema(t, kind, prefix+key+".", own).orNull(), nestedKeyDocs[prefix+key])
		case nested:
		default:
			properties[key] = ref(schemaName(kind, a))
			if a.Type.appendable() {
				properties[appendPrefix+key] = withDescription(ref(schemaName(kind, a)), "What is appended to "+key+" of the layers below.")
			}
		}
	}
	return typed("object").with(Schema{"properties": properties, "additionalProperties": false}).orExpression()
}

// nestedKeyDocs says what the keys are about that others are nested in.
var nestedKeyDocs = map[string]string{
	"resources": "What the sandbox has of a machine.",
	"timeouts":  "Longest times that changes may take, by what they do.",
	"ready":     "How it is found out, after it was created or started, whether the sandbox is ready.",
	"hooks":     "Commands that are run when something happens to the sandbox.",
	"rollout":   "How what disturbs the sandboxes of the group is carried out: what stops, resizes or replaces them.",
}

// schemaName is where the schema of the attribute stands.
func schemaName(kind Kind, a *Attribute) string { return string(kind) + "." + a.Key }

// value is the schema of an attribute's value in a block.
func valueSchema(t Table, a *Attribute) Schema {
	s := a.Type.schema
	if a.Paths {
		s = s.with(Schema{"items": pathSchema(t)})
	}
	if a.Check != nil {
		s = s.with(a.Check.schema)
	}
	return s.orExpression().orNull()
}

// pathSchema is for the path of what may be ignored.
func pathSchema(t Table) Schema {
	var paths []string
	entries := "^("
	for _, a := range t {
		for _, path := range []string{a.Key, strings.Split(a.Key, ".")[0]} {
			if wrong, _ := t.pathProblem(path); wrong == "" && a.Role != Derived && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		if a.isMapping() && a.Change.Path == "" && a.Role != Derived {
			entries += a.Key + "|"
		}
	}
	return Schema{"anyOf": []Schema{{"enum": paths}, matching(strings.TrimSuffix(entries, "|") + `)\..`), ref("reference")}}
}
