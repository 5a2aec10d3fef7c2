package jsonschema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// ForEditors returns a copy of a schema with sentences for texts that do not match a
// pattern, by the keyword errorMessage, which yaml-language-server and Visual Studio Code
// honour and strict validators refuse. The sentence is the rule of NotMatching, or else the
// description and the example of the key. It panics if s is not JSON.
func ForEditors(s Schema) Schema {
	text, err := json.Marshal(s)
	if err != nil {
		panic("jsonschema: " + err.Error())
	}
	var copied map[string]any
	if err := json.Unmarshal(text, &copied); err != nil {
		panic("jsonschema: " + err.Error())
	}
	explainPatterns(copied, "")
	return copied
}

// explainPatterns adds messages to a schema and those below it. The message is that of the
// key that the schema belongs to; empty if it belongs to none.
func explainPatterns(s map[string]any, message string) {
	if own := keyMessage(s); own != "" {
		message = own
	}
	asPattern(s)
	if s["pattern"] != nil && s["errorMessage"] == nil {
		s["errorMessage"] = cmp.Or(message, "Not valid here. A text needs an expression, such as ${var.size}.")
	}
	for key, below := range s {
		switch key {
		case "not", "if": // whose problems editors do not show
		case "$defs", "properties", "patternProperties":
			for _, child := range mapping(below) {
				explainPatterns(mapping(child), "")
			}
		case "allOf", "anyOf", "oneOf":
			list, _ := below.([]any)
			for _, child := range list {
				explainPatterns(mapping(child), message)
			}
		case "then", "else": // conditions of keys that are described elsewhere
			for _, child := range mapping(mapping(below)["properties"]) {
				explainPatterns(mapping(child), message)
			}
		case "items", "additionalProperties", "propertyNames":
			explainPatterns(mapping(below), message)
		}
	}
}

// mapping returns a value as a mapping; nil if it is none.
func mapping(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// firstSentence matches the first sentence of a text.
var firstSentence = regexp.MustCompile(`^(.*?\.)(?: +[A-Z].*)?$`)

// keyMessage returns the message for a wrong value of the key that a schema describes; empty
// without a description.
func keyMessage(s map[string]any) string {
	text, _ := s["description"].(string)
	if text == "" {
		return ""
	}
	message := "Not valid here. " + firstSentence.ReplaceAllString(strings.ReplaceAll(text, "\n", " "), "$1")
	if examples, _ := s["examples"].([]any); len(examples) > 0 {
		if example, err := json.Marshal(examples[0]); err == nil {
			message += fmt.Sprintf(" Example: %s", example)
		}
	}
	return message
}

// asPattern replaces the condition of NotMatching by a pattern, as editors show no message
// for other conditions. The pattern is one of JavaScript, not of Go.
func asPattern(s map[string]any) {
	wrong := mapping(s["not"])
	rule, titled := s["title"].(string)
	form, hasForm := wrong["pattern"].(string)
	if !titled || !hasForm {
		return
	}
	delete(s, "title")
	delete(s, "not")
	s["pattern"] = `^(?![\s\S]*(?:` + form + `))|` + ExpressionPattern
	s["errorMessage"] = "Not valid here. Rule: " + rule
}
