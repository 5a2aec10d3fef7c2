package crd

import "maps"

// addStrings adds the patterns and values of texts. Several alternatives become an anyOf,
// which values of other types pass as well.
func (t translator) addStrings(out schema, alternatives []schema) {
	var rules []any
	for _, n := range having(alternatives, "string") {
		rule := stringRule(n)
		if len(rule) == 0 {
			return
		}
		rules = append(rules, rule)
	}
	switch len(rules) {
	case 0:
	case 1:
		maps.Copy(out, rules[0].(schema))
	default:
		out["anyOf"] = rules
	}
}

// stringRule returns the conditions of one alternative on texts.
func stringRule(n schema) schema {
	rule := picked(n, "pattern", "enum", "minLength", "maxLength")
	var more []any
	all, _ := n["allOf"].([]any)
	for _, part := range all {
		if p := picked(part.(schema), "pattern", "minLength", "maxLength"); len(p) > 0 {
			more = append(more, p)
		}
	}
	if len(more) > 0 {
		rule["allOf"] = more
	}
	return rule
}

// addNumbers adds the bounds of numbers.
func addNumbers(out schema, alternatives []schema) {
	numbers := having(alternatives, "integer", "number")
	if len(numbers) != 1 {
		return
	}
	n := numbers[0]
	maps.Copy(out, picked(n, "minimum", "maximum"))
	if n["const"] != nil {
		out["enum"] = []any{n["const"]}
	}
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		if n[exclusive] != nil {
			out[bound], out[exclusive] = n[exclusive], true
		}
	}
}

// addLists adds the schema of the items of lists.
func (t translator) addLists(out schema, alternatives []schema) {
	lists := having(alternatives, "array")
	if out["type"] == "array" {
		out["items"] = schema{preserveUnknown: true, "nullable": true}
	}
	if len(lists) != 1 {
		return
	}
	maps.Copy(out, picked(lists[0], "minItems", "maxItems"))
	if items, ok := lists[0]["items"].(schema); ok {
		out["items"] = t.structural(items)
	}
}

// addMappings adds the schemas of the keys of mappings. Unknown keys are preserved, since
// the operator reports them with their position and a hint.
func (t translator) addMappings(out schema, alternatives []schema) {
	mappings := having(alternatives, "object")
	properties := schema{}
	for _, n := range mappings {
		own, _ := n["properties"].(schema)
		for key, value := range own {
			if properties[key] == nil {
				properties[key] = t.structural(value.(schema))
			}
		}
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if out["type"] == "object" {
		out[preserveUnknown] = true
	}
	if len(mappings) != 1 {
		return
	}
	maps.Copy(out, picked(mappings[0], "required", "minProperties", "maxProperties"))
	if value, ok := mappings[0]["additionalProperties"].(schema); ok && len(properties) == 0 {
		out["additionalProperties"] = t.structural(value)
	}
}

// picked returns the named keys of a schema, as far as it has them.
func picked(n schema, keys ...string) schema {
	some := schema{}
	for _, key := range keys {
		if value, ok := n[key]; ok {
			some[key] = value
		}
	}
	return some
}
