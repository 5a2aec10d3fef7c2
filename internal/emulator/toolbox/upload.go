package toolbox

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"regexp"

	"fleet/internal/emulator/world"
)

// Upload returns the content of the part "file" of a form.
func Upload(contentType string, body []byte) ([]byte, error) {
	var content []byte
	found := false
	err := eachPart(contentType, body, func(name string, part []byte) {
		if name == "file" && !found {
			content, found = part, true
		}
	})
	if err == nil && !found {
		err = world.BadRequest("file is required")
	}
	return content, err
}

// MaxFiles is the maximum number of files in one request.
const MaxFiles = 10_000

// numbered matches the names of the parts of a form with several files.
var numbered = regexp.MustCompile(`^files\[([0-9]+)\]\.(path|file)$`)

// Uploads returns the files of a form: the content of files[N].file for the path
// files[N].path, in the order of the contents. The parts may have any order.
func Uploads(contentType string, body []byte) ([]world.NewFile, error) {
	paths := map[string]string{}
	var order []string
	contents := map[string][]byte{}
	err := eachPart(contentType, body, func(name string, part []byte) {
		m := numbered.FindStringSubmatch(name)
		switch {
		case m == nil:
		case m[2] == "path":
			paths[m[1]] = string(part)
		default:
			order = append(order, m[1])
			contents[m[1]] = part
		}
	})
	if err != nil {
		return nil, err
	}
	var list []world.NewFile
	for _, n := range order {
		if paths[n] == "" {
			return nil, world.BadRequest("files[%s].path is required", n)
		}
		list = append(list, world.NewFile{Path: paths[n], Content: contents[n]})
	}
	switch {
	case len(list) == 0 || len(paths) != len(contents):
		return nil, world.BadRequest("each file needs a path and a content")
	case len(list) > MaxFiles:
		return nil, world.BadRequest("a request may have at most %d files", MaxFiles)
	}
	return list, nil
}

// eachPart calls visit for each part of a form.
func eachPart(contentType string, body []byte, visit func(name string, content []byte)) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return world.BadRequest("the body must be multipart/form-data")
	}
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part) // of a body with a limit
		}
		if err != nil {
			return world.BadRequest("the form is incomplete: %v", err)
		}
		visit(part.FormName(), content)
	}
}
