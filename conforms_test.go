package main

import (
	"bytes"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"fleet/docs/schema"
)

// cmdConforms validates JSON against one of fleet's schemas.
func cmdConforms(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: conforms SCHEMA FILE")
	}
	text, ok := schema.Read(args[0])
	if !ok {
		ts.Fatalf("there is no schema %s", args[0])
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	ts.Check(err)
	c := jsonschema.NewCompiler()
	ts.Check(c.AddResource(args[0], doc))
	s, err := c.Compile(args[0])
	ts.Check(err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	if err := s.Validate(value); (err != nil) != neg {
		ts.Fatalf("conforms %s: %v", strings.Join(args, " "), err)
	}
}
