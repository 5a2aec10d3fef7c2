package crd

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"fleet/operator/api/v1alpha1"
)

// referenceHead is the beginning of the reference page.
const referenceHead = `# The object Fleet

<!-- Made by go generate from the Go types of the operator. -->

The fields of a ` + "`Fleet`" + `, as ` + "`kubectl explain fleet --recursive`" + ` shows them. Names are relative to the object. A field is
optional unless it is marked as required. The keys below ` + "`spec.fleet`" + ` are those of a [spec](spec.md). [operator.md](operator.md) shows
how to use it.
`

// ReferencePage returns the page about the fields of a fleet, from its definition.
func ReferencePage(definition []byte) ([]byte, error) {
	var d schema
	if err := yaml.Unmarshal(definition, &d); err != nil {
		return nil, err
	}
	versions, _ := at(d, "spec")["versions"].([]any)
	if len(versions) == 0 {
		return nil, fmt.Errorf("the definition has no versions")
	}
	fields := at(versions[0].(schema), "schema", "openAPIV3Schema", "properties")
	var b bytes.Buffer
	b.WriteString(referenceHead)
	for _, part := range []string{"spec", "status"} {
		fmt.Fprintf(&b, "\n## %s\n\n| field | type | description |\n|---|---|---|\n", part)
		writeFields(&b, part+".", fields[part].(schema))
	}
	writeTerms(&b, "Conditions", "Each condition of `status.conditions` names why in `reason`, and what and where in `message`.", v1alpha1.Conditions)
	writeTerms(&b, "Reasons", "Names of conditions and reasons stay as they are: alerts may rely on them.", v1alpha1.Reasons)
	return b.Bytes(), nil
}

// writeTerms writes a table of terms.
func writeTerms(b *bytes.Buffer, title, text string, terms []v1alpha1.Term) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n| name | meaning | what to do |\n|---|---|---|\n", title, text)
	for _, t := range terms {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", t.Name, t.Meaning, t.Do)
	}
}

// writeFields writes a row for each field of a mapping, and for the fields below it.
func writeFields(b *bytes.Buffer, prefix string, mapping schema) {
	properties := at(mapping, "properties")
	required, _ := mapping["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		field := properties[name].(schema)
		kind := fieldType(field)
		if slices.Contains(required, any(name)) {
			kind += ", required"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", prefix, name, kind, cell(field))
		switch {
		case field[preserveUnknown] == true:
		case field["type"] == "array":
			writeFields(b, prefix+name+"[].", at(field, "items"))
		default:
			writeFields(b, prefix+name+".", field)
		}
	}
}

// fieldType returns the type of a field in words.
func fieldType(field schema) string {
	switch kind, _ := field["type"].(string); kind {
	case "array":
		return "list"
	case "object":
		return "mapping"
	case "string":
		if field["format"] == "date-time" {
			return "time"
		}
		return "text"
	default:
		return kind
	}
}

// cell returns the description of a field in one line, with its values and rules.
func cell(field schema) string {
	text, _ := field["description"].(string)
	parts := []string{strings.Join(strings.Fields(text), " ")}
	if values, ok := field["enum"].([]any); ok {
		parts = append(parts, "Values: "+words(values)+".")
	}
	rules, _ := field["x-kubernetes-validations"].([]any)
	for _, r := range rules {
		parts = append(parts, fmt.Sprintf("Rule: %v.", r.(schema)["message"]))
	}
	return strings.ReplaceAll(strings.TrimSpace(strings.Join(parts, " ")), "|", `\|`)
}

// words returns values as code, separated by commas.
func words(values []any) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprintf("`%v`", v)
	}
	return strings.Join(list, ", ")
}
