package spec

import (
	"fmt"
	"slices"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

// A Key is one that a spec has beside the attributes of its resources: at its
// top, or in a mapping that has a form of its own.
type Key struct {
	Name    string
	Type    string // what its value is, for the reference
	Doc     string // what it is for, in sentences
	Example string // YAML of the key, as a user writes it
	With    string // YAML that the example needs beside it; empty when it stands alone
	Keys    []Key  // of the mapping, or of the mappings in it, that is its value

	// Aliases are what other tools call the key: a spec that says one is told
	// the key.
	Aliases []string

	schema jsonschema.Schema
}

// names lists the names of keys.
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
		Doc:     "Name of the fleet: lower-case letters, digits and . _ - inside, at most 63 characters. The fleet's sandboxes carry it as a label, and are found again by it.",
		Example: "name: research", schema: jsonschema.Text.With(jsonschema.Matching(fleetNamePattern.String())).OrExpression(),
	},
}, namingKeys(), []Key{
	{
		Name: "target", Type: "text", Doc: "Region for what has none of its own.",
		Example: "target: us", Aliases: []string{"region", "location"}, schema: jsonschema.Text.With(jsonschema.Matching(`\S`)).OrExpression(),
	},
	{
		Name: "include", Type: "text, or list of texts",
		Doc:     "Files and directories of further parts of the spec, relative to the file that names them.",
		Example: "include: [images.yaml, teams]", schema: jsonschema.Typed("string", "array").With(jsonschema.Schema{"items": jsonschema.Ref("text")}),
	},
	{
		Name: "vars", Type: "mapping of names to defaults, or to what they have to be",
		Doc:     "Variables: ${var.size} stands for the value of size, which is the default unless --var, --var-file or $FLEET_VAR_size says another one.",
		Example: "vars:\n  size: 2\n  region: {type: string, default: us, one_of: [us, eu]}", Keys: variableKeys, Aliases: []string{"variables", "variable"},
		schema: jsonschema.MapOf(decode.VarNamePattern.String(), jsonschema.Ref("variable")).OrExpression().OrNull(),
	},
	{
		Name: "env", Type: "list of names",
		Doc:     "Environment variables that expressions may refer to, as in ${env.HOME}.",
		Example: "env: [HOME, USER]", schema: jsonschema.ListOf(jsonschema.Text.With(jsonschema.Matching(decode.EnvNamePattern.String()))),
	},
	{
		Name: "environments", Type: "mapping of names to partial specs, or to files",
		Doc:     "What is different in an environment: a partial spec, or the file of one. It is laid over the rest when the environment is chosen with -e.",
		Example: "environments:\n  prod:\n    target: eu",
		schema:  jsonschema.MapOf(keyPattern.String(), jsonschema.Ref("environment")),
	},
	{
		Name: "templates", Type: "mapping of sections to blocks by name",
		Doc:     "Blocks that others are laid over, by section and name. A block names its templates with extends.",
		Example: "templates:\n  sandboxes:\n    small: {auto_stop_interval: 15}", Keys: templateKeys,
		schema: KeysSchema(templateKeys).OrExpression().OrNull(),
	},
	{
		Name: "defaults", Type: "mapping of sections to blocks",
		Doc:     "What is said of all sandboxes, snapshots or volumes. Mappings merge with those of the blocks, all else is replaced by what a block says.",
		Example: "defaults:\n  sandboxes: {auto_stop_interval: 30}", Keys: defaultKeys,
		schema: KeysSchema(defaultKeys).OrExpression().OrNull(),
	},
	{
		Name: "volumes", Type: "mapping of keys to volumes",
		Doc:     "Volumes to keep. The name is all there is to a volume. None is ever deleted for having left the spec, unless owns or removed says so.",
		Example: "volumes:\n  cache: {}", schema: sectionSchema("volume"),
	},
	{
		Name: "images", Type: "mapping of keys to images",
		Doc:     "Images to build, each from exactly one of base, debian_slim and dockerfile. An image is built where it is used: for a snapshot, or for sandboxes that name it themselves.",
		Example: "images:\n  python:\n    debian_slim: \"3.12\"\n    steps:\n      - pip_install: [numpy]", Keys: imageKeys, schema: sectionSchema("image"),
	},
	{
		Name: "snapshots", Type: "mapping of keys to snapshots",
		Doc:     "Snapshots to keep: sandboxes start from them. A change of anything but active replaces the snapshot, and then the sandboxes of the spec that are made from it.",
		Example: "snapshots:\n  base: {image: ubuntu:24.04}", schema: sectionSchema("snapshot"),
	},
	{
		Name: "sandboxes", Type: "mapping of keys to sandboxes",
		Doc:     "Sandboxes to keep. Some attributes can be changed in place; a change of any other replaces the sandbox: it is deleted, with its disk, and created anew.",
		Example: "sandboxes:\n  web: {snapshot: daytona-small}", Aliases: []string{"services", "containers", "machines"}, schema: sectionSchema("sandbox"),
	},
	{
		Name: "owns", Type: "mapping of sections to lists of name patterns",
		Doc:     "Name patterns of the snapshots and volumes that belong to the fleet: what matches and is not declared is deleted.",
		Example: "owns:\n  snapshots: [research-*]", Keys: ownsKeys, schema: KeysSchema(ownsKeys).OrExpression().OrNull(),
	},
	{
		Name: "removed", Type: "list of addresses, or of from and destroy",
		Doc:     "What the fleet no longer declares: snapshots and volumes to delete, and, with destroy: false, what is let go.",
		Example: "removed: [volume.old-cache]", Keys: removedKeys, schema: removedSchema(),
	},
	{
		Name: "moved", Type: "list of from and to",
		Doc:     "Sandboxes that have another key now, and names that the fleet had before. Without it a new key is a new sandbox.",
		Example: "moved:\n  - {from: sandbox.old, to: sandbox.main}", With: "sandboxes:\n  main: {}", Keys: movedKeys,
		schema: movedSchema(),
	},
	{
		Name: "prices", Type: "mapping", Doc: "What sandboxes cost, for the forecasts of plan, apply and gc. Nothing else depends on it.",
		Example: "prices: {currency: EUR, vcpu_hour: 0.05, gib_memory_hour: 0.016, gib_disk_hour: 0.0001}", Keys: priceKeys,
		schema: KeysSchema(priceKeys).OrExpression().OrNull(),
	},
	{
		Name: "timeouts", Type: "mapping of changes to durations",
		Doc:     "Longest times that changes may take, of all resources. defaults, templates and blocks have timeouts of their own, which win.",
		Example: "timeouts: {create: 10m, delete: 5m}", Keys: timeoutKeys(), schema: KeysSchema(timeoutKeys()).OrExpression().OrNull(),
	},
	{
		Name: "hooks", Type: "mapping", Doc: "Commands that are run on this machine around an apply. Those of a sandbox are said in its block.",
		Example: "hooks: {before_apply: echo it begins}", Keys: topHookKeys, schema: KeysSchema(topHookKeys).OrExpression().OrNull(),
	},
	{
		Name: "parallelism", Type: "mapping", Doc: "How much may be done at once. Without it fleet finds out how much the server bears.",
		Example: "parallelism: {max: 50, builds: 2, regions: {eu: 10}}", Keys: parallelismKeys, schema: KeysSchema(parallelismKeys).OrExpression().OrNull(),
	},
})

// overlayLevel are the keys that an environment may have.
func overlayLevel() []Key {
	return slices.DeleteFunc(slices.Clone(TopLevel), func(k Key) bool {
		return slices.Contains([]string{"version", "include", "environments"}, k.Name)
	})
}

// sectionSchema is for the blocks of a kind by key.
func sectionSchema(def string) jsonschema.Schema {
	return jsonschema.MapOf(keyPattern.String(), jsonschema.Ref(def)).OrExpression().OrNull()
}

var (
	templateKeys = blockKeys("Templates of %s, by name.", func(k Kind) jsonschema.Schema { return sectionSchema(string(k)) })
	defaultKeys  = blockKeys("What is said of all %s.", func(k Kind) jsonschema.Schema { return jsonschema.Ref("defaults-of-" + k.Section()) })
)

// blockKeys are the sections that defaults and templates have.
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
