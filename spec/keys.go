package spec

import (
	"fmt"
	"slices"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

// A Key is a key of a spec that is not an attribute of a resource: a top-level key, or
// a key of a mapping with fixed keys.
type Key struct {
	Name    string // as in YAML
	Type    string // type of the value, for the reference
	Doc     string // purpose, in sentences
	Example string // YAML of the key, as a user writes it
	With    string // other YAML that the example needs; empty if it needs none
	Keys    []Key  // keys of the mapping or mappings in the value; nil if there are none

	// Aliases are the names of the key in other tools. They are errors in a spec,
	// with the right key as a hint.
	Aliases []string

	schema jsonschema.Schema
}

// names returns the names of keys.
func names(keys []Key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Name
	}
	return list
}

// TopLevel are the keys at the top of a spec, in the order of the reference.
var TopLevel = slices.Concat([]Key{
	{
		Name: "version", Type: "1", Doc: "Version of the spec language. A spec begins with it.",
		Example: "version: 1", schema: jsonschema.Schema{"const": 1},
	},
	{
		Name: "name", Type: "text",
		Doc:     "Name of the fleet: lower-case letters, digits and . _ - inside, at most 63 characters. It is stored in a label of the fleet's sandboxes, by which they are found.",
		Example: "name: research", schema: jsonschema.Text.With(jsonschema.Matching(fleetNamePattern.String())).OrExpression(),
	},
}, namingKeys(), []Key{
	{
		Name: "target", Type: "text", Doc: "Default region of all resources.",
		Example: "target: us", Aliases: []string{"region", "location"}, schema: jsonschema.Text.With(jsonschema.Matching(`\S`)).OrExpression(),
	},
	{
		Name: "include", Type: "text, or list of texts",
		Doc:     "Files and directories of further parts of the spec, relative to the file that names them.",
		Example: "include: [images.yaml, teams]", schema: jsonschema.Typed("string", "array").With(jsonschema.Schema{"items": jsonschema.Ref("text")}),
	},
	{
		Name: "vars", Type: "mapping of names to defaults or to declarations",
		Doc:     "Variables: ${var.size} is replaced by the value of size. --var, --var-file and $FLEET_VAR_size override the default.",
		Example: "vars:\n  size: 2\n  region: {type: string, default: us, one_of: [us, eu]}", Keys: variableKeys, Aliases: []string{"variables", "variable"},
		schema: jsonschema.MapOf(decode.VarNamePattern.String(), jsonschema.Ref("variable")).OrExpression().OrNull(),
	},
	{
		Name: "env", Type: "list of names",
		Doc:     "Environment variables that expressions may use, as in ${env.HOME}.",
		Example: "env: [HOME, USER]", schema: jsonschema.ListOf(jsonschema.Text.With(jsonschema.Matching(decode.EnvNamePattern.String()))),
	},
	{
		Name: "environments", Type: "mapping of names to partial specs, or to files",
		Doc:     "Differences of environments: a partial spec, or the path of one. It overrides the rest of the spec when the environment is selected with -e.",
		Example: "environments:\n  prod:\n    target: eu",
		schema:  jsonschema.MapOf(keyPattern.String(), jsonschema.Ref("environment")),
	},
	{
		Name: "templates", Type: "mapping of sections to blocks by name",
		Doc:     "Reusable blocks, by section and name. Other blocks inherit from them with extends.",
		Example: "templates:\n  sandboxes:\n    small: {auto_stop_interval: 15}", Keys: templateKeys,
		schema: KeysSchema(templateKeys).OrExpression().OrNull(),
	},
	{
		Name: "defaults", Type: "mapping of sections to blocks",
		Doc:     "Default attributes of all sandboxes, snapshots, images or volumes. Mappings are merged with those of the blocks; any other value of a block replaces the default.",
		Example: "defaults:\n  sandboxes: {auto_stop_interval: 30}", Keys: defaultKeys,
		schema: KeysSchema(defaultKeys).OrExpression().OrNull(),
	},
	{
		Name: "volumes", Type: "mapping of keys to volumes",
		Doc:     "Volumes to create and keep. A volume has no attributes except its name. A volume that leaves the spec is not deleted unless owns or removed lists it.",
		Example: "volumes:\n  cache: {}", schema: sectionSchema("volume"),
	},
	{
		Name: "images", Type: "mapping of keys to images",
		Doc:     "Images to build, each from exactly one of base, debian_slim, dockerfile and from_dockerfile. An image is built for the snapshots and sandboxes that use it.",
		Example: "images:\n  python:\n    debian_slim: \"3.12\"\n    steps:\n      - pip_install: [numpy]", schema: sectionSchema("image"),
	},
	{
		Name: "snapshots", Type: "mapping of keys to snapshots",
		Doc:     "Snapshots to create and keep, from which sandboxes are created. A change of any attribute except active replaces the snapshot, and then the sandboxes of the spec that were created from it.",
		Example: "snapshots:\n  base: {image: ubuntu:24.04}", schema: sectionSchema("snapshot"),
	},
	{
		Name: "sandboxes", Type: "mapping of keys to sandboxes",
		Doc:     "Sandboxes to create and keep. Some attributes can be changed in place; a change of any other replaces the sandbox: it is deleted, with its disk, and created again.",
		Example: "sandboxes:\n  web: {snapshot: daytona-small}", Aliases: []string{"services", "containers", "machines"}, schema: sectionSchema("sandbox"),
	},
	{
		Name: "owns", Type: "mapping of sections to lists of name patterns",
		Doc:     "Name patterns of the snapshots and volumes that belong to the fleet. Those that match and are not declared are deleted.",
		Example: "owns:\n  snapshots: [research-*]", Keys: ownsKeys, schema: KeysSchema(ownsKeys).OrExpression().OrNull(),
	},
	{
		Name: "removed", Type: "list of addresses, or of mappings of from and destroy",
		Doc:     "Resources that the fleet no longer declares: snapshots and volumes to delete, and, with destroy: false, resources to release without deleting them.",
		Example: "removed: [volume.old-cache]", Keys: removedKeys, schema: removedSchema(),
	},
	{
		Name: "moved", Type: "list of mappings of from and to",
		Doc:     "Sandboxes whose key has changed, and former names of the fleet. Without an entry, a sandbox with a new key is a new sandbox.",
		Example: "moved:\n  - {from: sandbox.old, to: sandbox.main}", With: "sandboxes:\n  main: {}", Keys: movedKeys,
		schema: movedSchema(),
	},
	{
		Name: "prices", Type: "mapping", Doc: "Prices of sandboxes, for the costs that plan, apply, gc and status show. They affect nothing else.",
		Example: "prices: {currency: EUR, vcpu_hour: 0.05, gib_memory_hour: 0.016, gib_disk_hour: 0.0001}", Keys: priceKeys,
		schema: KeysSchema(priceKeys).OrExpression().OrNull(),
	},
	{
		Name: "timeouts", Type: "mapping of changes to durations",
		Doc:     "Longest times that changes of all resources may take. The timeouts of defaults, templates and blocks take precedence.",
		Example: "timeouts: {create: 10m, delete: 5m}", Keys: timeoutKeys(), schema: KeysSchema(timeoutKeys()).OrExpression().OrNull(),
	},
	{
		Name: "hooks", Type: "mapping", Doc: "Commands to run on this machine before and after an apply. Sandboxes have hooks of their own.",
		Example: "hooks: {before_apply: echo it begins}", Keys: topHookKeys, schema: KeysSchema(topHookKeys).OrExpression().OrNull(),
	},
	{
		Name: "parallelism", Type: "mapping", Doc: "Limits for simultaneous operations. Without them, fleet adapts to the capacity of the server.",
		Example: "parallelism: {max: 50, builds: 2, regions: {eu: 10}}", Keys: parallelismKeys, schema: KeysSchema(parallelismKeys).OrExpression().OrNull(),
	},
})

// overlayLevel returns the keys that an environment may have.
func overlayLevel() []Key {
	return slices.DeleteFunc(slices.Clone(TopLevel), func(k Key) bool {
		return slices.Contains([]string{"version", "include", "environments"}, k.Name)
	})
}

// sectionSchema returns the schema of a section: blocks by key.
func sectionSchema(def string) jsonschema.Schema {
	return jsonschema.MapOf(keyPattern.String(), jsonschema.Ref(def)).OrExpression().OrNull()
}

var (
	templateKeys = blockKeys("Templates of %s, by name.", func(k Kind) jsonschema.Schema { return sectionSchema(string(k)) })
	defaultKeys  = blockKeys("Default attributes of all %s.", func(k Kind) jsonschema.Schema { return jsonschema.Ref("defaults-of-" + k.Section()) })
)

// blockKeys returns the sections of defaults and templates.
func blockKeys(doc string, schema func(Kind) jsonschema.Schema) []Key {
	var keys []Key
	for _, section := range blockSections {
		keys = append(keys, Key{Name: section, Type: "mapping", Doc: fmt.Sprintf(doc, section), schema: schema(sections[section])})
	}
	return keys
}

// KeysSchema is the schema of a mapping that has some keys and no others.
func KeysSchema(keys []Key) jsonschema.Schema {
	properties := jsonschema.Schema{}
	for _, k := range keys {
		properties[k.Name] = jsonschema.WithExample(jsonschema.WithDescription(k.schema, k.Doc), k.Example, k.Name)
	}
	return jsonschema.Typed("object").With(jsonschema.Schema{"properties": properties, "additionalProperties": false})
}
