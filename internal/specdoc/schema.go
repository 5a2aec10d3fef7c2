package specdoc

import (
	"slices"
	"strings"

	"fleet/internal/jsonschema"
	"fleet/spec"
)

// The dialect and the id of the schema. The id changes with the version of the spec
// language.
const (
	schemaDialect = "https://json-schema.org/draft/2020-12/schema"
	specSchemaID  = "urn:fleet:spec:1"
)

// extensionFields accepts keys that fleet ignores.
var extensionFields = jsonschema.Schema{"^x-": jsonschema.Schema{"description": "An extension field. fleet ignores it; it may hold anchors for the rest of the file."}}

// JSONSchema returns the JSON Schema of a spec file. It accepts every file that can be
// read as a spec or as a part of one. It rejects what no variables, layers or other
// files could make valid, as far as JSON Schema can express it.
func JSONSchema() jsonschema.Schema {
	root := spec.KeysSchema(spec.TopLevel)
	root["patternProperties"] = extensionFields
	root["$schema"], root["$id"] = schemaDialect, specSchemaID
	root["title"] = "fleet spec"
	root["description"] = "A spec of fleet, version 1, or one of several files that make up a spec."
	defs := jsonschema.Schema{
		"expression":  jsonschema.Schema{"type": "string", "pattern": jsonschema.ExpressionPattern, "description": "A text with an expression, such as ${var.size}."},
		"text":        jsonschema.Schema{"anyOf": []jsonschema.Schema{jsonschema.Text, jsonschema.Ref("reference")}},
		"reference":   spec.ValueFromSchema(),
		"variable":    jsonschema.WithDescription(spec.VariableSchema(), "A variable: its default, or what it has to be."),
		"environment": environmentSchema(),
	}
	for kind, t := range spec.Tables {
		defs[string(kind)] = blockSchema(t, kind, "", true).OrNull()
		defs["defaults-of-"+kind.Section()] = blockSchema(t, kind, "", false).OrNull()
		for _, a := range t {
			if a.Role != spec.Derived {
				defs[schemaName(kind, a)] = jsonschema.WithExample(jsonschema.WithDescription(valueSchema(t, a), referenceText(a)), a.Example, a.Key)
			}
		}
	}
	root["$defs"] = defs
	return root
}

// EditorSchema returns the schema of a spec file for editors, which show its sentences for
// values that match no pattern. It accepts what JSONSchema accepts.
func EditorSchema() jsonschema.Schema { return jsonschema.ForEditors(JSONSchema()) }

// environmentSchema returns the schema of an environment: a partial spec, or the name
// of its file.
func environmentSchema() jsonschema.Schema {
	properties := jsonschema.Schema{}
	for _, key := range spec.OverlayKeys {
		properties[key] = jsonschema.Schema{"$ref": "#/properties/" + key}
	}
	s := jsonschema.Typed("object", "string", "null").With(jsonschema.Schema{"properties": properties, "patternProperties": extensionFields, "additionalProperties": false})
	return jsonschema.WithDescription(s, "A partial spec that overrides the rest, or the name of its file.")
}

// blockSchema returns the schema of a block of a kind, or of its part below a prefix.
// If own is set, the block is that of a resource, else that of defaults.
func blockSchema(t spec.Table, kind spec.Kind, prefix string, own bool) jsonschema.Schema {
	properties := jsonschema.Schema{}
	for _, a := range t {
		rest, below := strings.CutPrefix(a.Key, prefix)
		if !below || a.Role == spec.Derived || a.PerResource && !own {
			continue
		}
		key, _, nested := strings.Cut(rest, ".")
		switch {
		case nested && properties[key] == nil:
			properties[key] = jsonschema.WithDescription(blockSchema(t, kind, prefix+key+".", own).OrNull(), nestedKeyDocs[prefix+key])
		case nested:
		default:
			properties[key] = jsonschema.Ref(schemaName(kind, a))
			if a.Type.Appendable() {
				properties[spec.AppendPrefix+key] = jsonschema.WithDescription(jsonschema.Ref(schemaName(kind, a)), "Entries that are appended to "+key+" of the layers below.")
			}
		}
	}
	s := jsonschema.Typed("object").With(jsonschema.Schema{"properties": properties, "additionalProperties": false})
	if keys := spec.Exclusive(kind); prefix == "" && len(keys) > 0 {
		s = s.With(jsonschema.Schema{"not": atLeastTwo(keys)})
	}
	return s.OrExpression()
}

// atLeastTwo returns the schema of mappings in which two of the keys have values.
func atLeastTwo(keys []string) jsonschema.Schema {
	var pairs []jsonschema.Schema
	isSet := jsonschema.Schema{"not": jsonschema.Typed("null")}
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			pairs = append(pairs, jsonschema.Schema{"properties": jsonschema.Schema{a: isSet, b: isSet}, "required": []string{a, b}})
		}
	}
	return jsonschema.Schema{"type": "object", "anyOf": pairs}
}

// nestedKeyDocs documents the keys that attributes are nested in.
var nestedKeyDocs = map[string]string{
	"resources": "CPU, memory, disk and GPU of the sandbox.",
	"timeouts":  "Maximum durations of changes, by their kind.",
	"ready":     "How to check that the sandbox is ready after it was created or started.",
	"hooks":     "Commands that are run at events of the sandbox, such as its creation.",
	"rollout":   "How changes that stop, resize or replace sandboxes of the group are carried out.",
}

// schemaName returns the name of the definition of an attribute.
func schemaName(kind spec.Kind, a *spec.Attribute) string { return string(kind) + "." + a.Key }

// valueSchema returns the schema of an attribute's value in a block.
func valueSchema(t spec.Table, a *spec.Attribute) jsonschema.Schema {
	s := a.Type.Schema
	if a.Paths {
		s = s.With(jsonschema.Schema{"items": pathSchema(t)})
	}
	if a.Check != nil {
		s = s.With(a.Check.Schema)
	}
	return s.OrExpression().OrNull()
}

// pathSchema returns the schema of the paths of attributes that can be ignored.
func pathSchema(t spec.Table) jsonschema.Schema {
	var paths []string
	entries := "^("
	for _, a := range t {
		for _, path := range []string{a.Key, strings.Split(a.Key, ".")[0]} {
			if wrong, _ := t.PathProblem(path); wrong == "" && a.Role != spec.Derived && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		if a.IsMapping() && a.Change.Path == "" && a.Role != spec.Derived {
			entries += a.Key + "|"
		}
	}
	return jsonschema.Schema{"anyOf": []jsonschema.Schema{{"enum": paths}, jsonschema.Matching(strings.TrimSuffix(entries, "|") + `)\..`), jsonschema.Ref("reference")}}
}
