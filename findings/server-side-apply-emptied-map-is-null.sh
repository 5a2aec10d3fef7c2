#!/bin/sh
# Server-side apply makes null of a map whose last key its manager removes, which its own schema refuses.
#
# Expected:    a manager that applied {"a": "1"} and now applies {} leaves {}: it asked for an empty map. So it is if the
#              manager never applied a key.
# Behaviour:   the map becomes null. A definition in which the field is an object refuses that, so that applying the empty
#              map fails (422) until somebody repairs the object. With an atomic map the result is {}.
# Version:     sigs.k8s.io/structured-merge-diff 6.4.2, the library of kube-apiserver 1.37.2.
# Consequence: free-form maps of a definition are marked as x-kubernetes-map-type: atomic, and what writes objects omits
#              emptied maps.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

const schema = `types:
- name: thing
  map:
    fields:
    - name: labels
      type:
        map:
          elementType: {scalar: string}
          elementRelationship: RELATIONSHIP
`

// same is a converter for one version.
type same struct{}

func (same) Convert(o *typed.TypedValue, _ fieldpath.APIVersion) (*typed.TypedValue, error) { return o, nil }
func (same) IsMissingVersionError(error) bool                                              { return false }

func try(relationship string) {
	parser, err := typed.NewParser(typed.YAMLObject(strings.Replace(schema, "RELATIONSHIP", relationship, 1)))
	if err != nil {
		panic(err)
	}
	updater := merge.Updater{Converter: same{}}
	read := func(text string) *typed.TypedValue {
		v, err := parser.Type("thing").FromYAML(typed.YAMLObject(text))
		if err != nil {
			panic(err)
		}
		return v
	}
	live, managers := read(`{}`), fieldpath.ManagedFields{}
	for _, applied := range []string{`{"labels": {}}`, `{"labels": {"a": "1"}}`, `{"labels": {}}`} {
		object, m, err := updater.Apply(live, read(applied), "v1", managers, "user", false)
		if err != nil {
			panic(err)
		}
		managers = m
		if object != nil { // nil: nothing changed
			live = object
		}
		text, err := value.ToJSON(live.AsValue())
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: applied %s, stored %s\n", relationship, applied, text)
	}
}

func main() {
	try("separable")
	try("atomic")
}
GO
{
	go mod init finding
	go get sigs.k8s.io/structured-merge-diff/v6@v6.4.2
	go mod tidy
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
separable: applied {"labels": {}}, stored {"labels":{}}
separable: applied {"labels": {"a": "1"}}, stored {"labels":{"a":"1"}}
separable: applied {"labels": {}}, stored {"labels":null}
atomic: applied {"labels": {}}, stored {"labels":{}}
atomic: applied {"labels": {"a": "1"}}, stored {"labels":{"a":"1"}}
atomic: applied {"labels": {}}, stored {"labels":{}}
WANT
