package spec

import (
	"strings"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

// Keys of the nested mappings of a spec.

var variableKeys = []Key{
	{Name: "type", Type: oneOf(decode.VarKinds...).Name, Doc: "Type of the value. The default is the type of the default value.", Example: "type: number", With: "default: 2", schema: oneOf(decode.VarKinds...).Schema.OrExpression()},
	{Name: "default", Type: "any value", Doc: "Default value. A variable without one must be set.", Example: "default: 2", schema: jsonschema.Schema{}},
	{Name: "description", Type: "text", Doc: "Purpose of the variable.", Example: "description: Cores of each worker", With: "default: 2", schema: jsonschema.Ref("text")},
	{Name: "sensitive", Type: flag.Name, Doc: "Never print the value, in any place that uses it.", Example: "sensitive: true", With: "default: 2", schema: flag.Schema.OrExpression()},
	{Name: "pattern", Type: "regular expression", Doc: "Pattern that the whole value must match.", Example: "pattern: '[a-z]+'", With: "default: abc", schema: jsonschema.Ref("text")},
	{Name: "one_of", Type: "list", Doc: "The allowed values.", Example: "one_of: [2, 4, 8]", With: "default: 2", schema: jsonschema.Typed("array").OrExpression()},
	{Name: "min", Type: "number", Doc: "Smallest allowed value.", Example: "min: 1", With: "default: 2", schema: jsonschema.Typed("number").OrExpression()},
	{Name: "max", Type: "number", Doc: "Largest allowed value.", Example: "max: 16", With: "default: 2", schema: jsonschema.Typed("number").OrExpression()},
}

// VariableSchema returns the schema of a variable: its declaration, or only its
// default.
func VariableSchema() jsonschema.Schema {
	s := KeysSchema(variableKeys)
	s["type"] = []string{"object", "string", "number", "boolean", "array", "null"}
	return s
}

var ownsKeys = []Key{
	{Name: "snapshots", Type: "list of name patterns", Doc: "Patterns of names of snapshots.", Example: "snapshots: [research-*]", schema: patternsSchema},
	{Name: "volumes", Type: "list of name patterns", Doc: "Patterns of names of volumes.", Example: "volumes: [scratch-*]", schema: patternsSchema},
}

// patternsSchema is the schema of name patterns, which start with literal characters.
var patternsSchema = jsonschema.ListOf(jsonschema.Text.With(jsonschema.Matching(`^[^*?\[\\]([^*?\[\\]|$)`))).OrExpression()

var removedKeys = []Key{
	{Name: "from", Type: "address", Doc: "Address that the resource had.", Example: "from: sandbox.web", With: "destroy: false", schema: jsonschema.Ref("text")},
	{Name: "destroy", Type: flag.Name, Doc: "false releases the resource without deleting it.", Example: "destroy: false", With: "from: sandbox.web", schema: flag.Schema.OrExpression()},
}

// removedSchema returns the schema of removed: a list of addresses or mappings. A sandbox
// can only be released, which takes both keys.
func removedSchema() jsonschema.Schema {
	const deletable = `^(snapshot|volume)\..`
	released := jsonschema.Schema{"anyOf": []jsonschema.Schema{{"const": false}, jsonschema.Ref("expression")}}
	entry := mappingWithFrom(removedKeys, map[string]jsonschema.Schema{"from": jsonschema.Matching(deletable + `|` + sandboxAddress)}).With(jsonschema.Schema{
		"if":   jsonschema.Schema{"properties": jsonschema.Schema{"destroy": released}, "minProperties": 2},
		"else": jsonschema.Schema{"properties": jsonschema.Schema{"from": jsonschema.Matching(deletable)}},
	})
	entry["type"] = []string{"object", "string"}
	return jsonschema.Typed("array").With(jsonschema.Schema{"items": entry.With(jsonschema.Matching(deletable))}).OrExpression()
}

var movedKeys = []Key{
	{
		Name: "from", Type: "address", Doc: "Old address of a sandbox, of a group with all its copies, or of a fleet.",
		Example: "from: sandbox.old", With: "to: sandbox.main", schema: jsonschema.Ref("text"),
	},
	{
		Name: "to", Type: "address", Doc: "New address. It is omitted for a fleet, which is always this one.",
		Example: "to: sandbox.main", With: "from: sandbox.old", schema: jsonschema.Ref("text"),
	},
}

// movedSchema returns the schema of moved: from a sandbox to a sandbox, which takes both
// keys, or from a fleet.
func movedSchema() jsonschema.Schema {
	fleet := `^fleet\.` + strings.TrimPrefix(fleetNamePattern.String(), "^")
	address := jsonschema.Matching(sandboxAddress + "|" + fleet)
	entry := mappingWithFrom(movedKeys, map[string]jsonschema.Schema{"from": address, "to": address})
	to := entry["properties"].(jsonschema.Schema)["to"].(jsonschema.Schema)
	return jsonschema.ListOf(entry.With(jsonschema.Schema{"allOf": []jsonschema.Schema{
		ifFrom(`^sandbox\.`, to.With(jsonschema.Matching(sandboxAddress)), 2),
		ifFrom(`^fleet\.`, to.With(jsonschema.Matching(fleet)), 1),
	}}))
}

// mappingWithFrom returns the schema of mappings of keys with a required from, whose
// values have conditions. It has no alternatives, and further schemas of the mappings
// require no key by its name: editors offer each of them as a value.
func mappingWithFrom(keys []Key, values map[string]jsonschema.Schema) jsonschema.Schema {
	s := KeysSchema(keys).With(jsonschema.Schema{"required": []string{"from"}})
	properties := s["properties"].(jsonschema.Schema)
	for key, condition := range values {
		properties[key] = properties[key].(jsonschema.Schema).With(condition)
	}
	return s
}

// ifFrom returns the schema of mappings of from and to: if from matches a pattern and has
// no expression, to follows a schema, and there are at least some keys.
func ifFrom(form string, to jsonschema.Schema, keys int) jsonschema.Schema {
	from := jsonschema.Schema{"pattern": form, "not": jsonschema.Schema{"pattern": jsonschema.ExpressionPattern}}
	return jsonschema.Schema{
		"if":   jsonschema.Schema{"properties": jsonschema.Schema{"from": from}},
		"then": jsonschema.Schema{"properties": jsonschema.Schema{"to": to}, "minProperties": keys},
	}
}

// sandboxAddress is the pattern of the addresses of sandboxes and groups.
var sandboxAddress = `^sandbox\.` + strings.TrimPrefix(copyKeyPattern.String(), "^")

// valueFromKeys are the keys of a reference to a text.
var valueFromKeys = []Key{
	{Name: "from_env", Type: "text", Doc: "Environment variable that holds the text.", Example: "from_env: API_TOKEN", schema: jsonschema.Ref("text")},
	{Name: "from_file", Type: "path", Doc: "File that holds the text, relative to the spec. Files encrypted with sops are decrypted. Line ends become LF; a byte order mark and the last line break are removed.", Example: "from_file: token.txt", schema: jsonschema.Ref("text")},
	{Name: "from_command", Type: "list of words", Doc: "Command that prints the text. It only runs with --allow-commands.", Example: "from_command: [pass, show, token]", schema: words.Schema.OrExpression()},
	{Name: "default", Type: "text", Doc: "With from_env: the text if the variable is not set.", Example: `default: ""`, With: "from_env: API_TOKEN", schema: jsonschema.Ref("text")},
	{Name: "key", Type: "text", Doc: "With from_file: path of the text within a YAML or JSON file, such as database.password.", Example: "key: api.token", With: "from_file: secrets.yaml", schema: jsonschema.Ref("text")},
}

// ValueFromSchema returns the schema of a reference to a text.
func ValueFromSchema() jsonschema.Schema {
	var ways []jsonschema.Schema
	for _, k := range decode.ValueSources {
		ways = append(ways, jsonschema.Schema{"required": []string{k}})
	}
	s := KeysSchema(valueFromKeys).With(jsonschema.Schema{"oneOf": ways, "dependentRequired": jsonschema.Schema{"key": []string{"from_file"}, "default": []string{"from_env"}}})
	return jsonschema.WithDescription(s, "Reference to a text that is stored elsewhere. The text is never printed.")
}
