package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// request is a call of the API before it has a URL.
type request struct {
	method     string
	path       []string // elements below the base URL, not escaped
	query      url.Values
	body       any  // encoded as JSON; nil means no body
	allowEmpty bool // whether an empty response is a success
}

// build returns the HTTP request to a base URL. Its body can be sent several times.
func (r request) build(ctx context.Context, base string) (*http.Request, error) {
	path, err := r.escaped()
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: cannot encode the body: %w", r.method, path, err)
		}
		body = bytes.NewReader(data)
	}
	address := base + path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// route returns the route of the request. A path that cannot be escaped is never sent,
// so its route does not matter.
func (r request) route() Route {
	escaped, _ := r.escaped()
	return RouteOf(r.method, escaped)
}

// escaped joins the elements to a path. An empty element is an error: without its id,
// the deletion of an object would address the whole collection.
func (r request) escaped() (string, error) {
	var path strings.Builder
	for _, element := range r.path {
		if element == "" {
			return "", fmt.Errorf("%s /%s: an id or a name is empty", r.method, strings.Join(r.path, "/"))
		}
		path.WriteByte('/')
		path.WriteString(escapeElement(element))
	}
	return path.String(), nil
}

// escapeElement escapes an element of a path. It escapes dots too if the element is a
// dot segment, which a proxy would resolve: ".." is a legal name.
func escapeElement(element string) string {
	if element == "." || element == ".." {
		return strings.ReplaceAll(element, ".", "%2E")
	}
	return url.PathEscape(element)
}
