// Command docgen writes the reference of the spec language, the JSON Schemas
// and the graph of the packages, from the attribute tables, the types of the
// output and the imports. go generate runs it at the top of the repository.
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"fleet/spec"
)

func main() {
	files, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// generate returns all that is generated, by file.
func generate() (map[string][]byte, error) {
	schemas, err := outputSchemas()
	if err != nil {
		return nil, err
	}
	schemas["spec"] = spec.JSONSchema()
	files := map[string][]byte{}
	for name, s := range schemas {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(s); err != nil {
			return nil, err
		}
		files["docs/schema/"+name+".json"] = b.Bytes()
	}
	if files["docs/spec.md"], err = reference(); err != nil {
		return nil, err
	}
	files[architectureFile], err = architecture()
	return files, err
}
