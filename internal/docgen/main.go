// Command docgen writes the reference of the spec language and the JSON
// Schemas, from the attribute tables and the types of what fleet prints. It is
// run by go generate, at the top of the repository.
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"fleet/internal/specdoc"
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
	schemas["spec"] = specdoc.JSONSchema()
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
	files["docs/spec.md"], err = reference()
	return files, err
}
