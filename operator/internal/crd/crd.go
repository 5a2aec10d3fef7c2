// Package crd makes the CustomResourceDefinition of fleets and its reference page: from
// what controller-gen derives from the Go types, with the schema of the field spec.fleet
// from the attribute tables of package spec.
package crd

import (
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"

	"fleet/internal/specdoc"
)

// Files that are generated, relative to the directory of the operator.
const (
	File      = "config/crd/daytona.fleet_fleets.yaml"
	Template  = "chart/templates/crd.yaml"
	Reference = "../docs/operator-reference.md"
)

// briefly are the keys of a spec in which attributes occur again. Their schemas have no
// descriptions: kubectl apply keeps a copy of an object in an annotation of at most 256 KiB.
var briefly = map[string]bool{"defaults": true, "templates": true, "environments": true}

// Complete returns the definition that controller-gen wrote, with the schema of spec.fleet.
func Complete(base []byte) ([]byte, error) {
	var definition schema
	if err := yaml.Unmarshal(base, &definition); err != nil {
		return nil, fmt.Errorf("reading the definition of controller-gen: %w", err)
	}
	versions, _ := at(definition, "spec")["versions"].([]any)
	if len(versions) == 0 {
		return nil, fmt.Errorf("the definition of controller-gen has no versions")
	}
	for _, v := range versions {
		fields := at(v.(schema), "schema", "openAPIV3Schema", "properties", "spec", "properties")
		fleet, ok := fields["fleet"].(schema)
		if !ok {
			return nil, fmt.Errorf("version %v of the definition has no field spec.fleet", v.(schema)["name"])
		}
		own, err := FleetSchema()
		if err != nil {
			return nil, err
		}
		own["description"] = fleet["description"]
		fields["fleet"] = own
	}
	text, err := yaml.Marshal(definition)
	return append([]byte("# Made by go generate from the Go types and the attribute tables.\n"), text...), err
}

// FleetSchema returns the structural schema of spec.fleet. Only version can be checked by
// a rule in CEL: every other key may hold an expression or a reference instead of its value,
// and CEL cannot read fields of several types.
func FleetSchema() (map[string]any, error) {
	text, err := json.Marshal(specdoc.JSONSchema())
	if err != nil {
		return nil, err
	}
	var root schema
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	shorten(root)
	properties := schema{}
	for key, value := range at(root, "properties") {
		t := translator{root: root, describe: !briefly[key]}
		properties[key] = t.structural(value.(schema))
		properties[key].(schema)["description"] = t.resolve(value.(schema))["description"]
	}
	addRules(properties)
	return schema{
		"type": "object", preserveUnknown: true, "x-kubernetes-map-type": "atomic", "properties": properties,
	}, nil
}

// shorten lets a reference to a text that is stored elsewhere, and an environment, hold any
// keys. A reference is possible at most places, and its own keys may be references, and an
// environment repeats the whole spec.
func shorten(root schema) {
	for _, name := range []string{"reference", "environment"} {
		definition := at(root, "$defs", name)
		delete(definition, "properties")
	}
}

// addRules adds the rules in CEL, and removes the conditions that they replace.
func addRules(properties schema) {
	version := properties["version"].(schema)
	delete(version, "enum")
	version["x-kubernetes-validations"] = []any{schema{"rule": "self == 1", "message": "version must be 1, the version of the spec language"}}
}

// at returns the mapping at a path. It is nil if there is none.
func at(s schema, path ...string) schema {
	for _, name := range path {
		s, _ = s[name].(schema)
	}
	return s
}
