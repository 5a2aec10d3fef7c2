package toolbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/textproto"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// A Bundle is the response to a download of several files: a form with a part for each.
type Bundle struct {
	body  bytes.Buffer
	parts *multipart.Writer
}

// NewBundle returns an empty bundle.
func NewBundle() *Bundle {
	b := &Bundle{}
	b.parts = multipart.NewWriter(&b.body)
	return b
}

// Size returns the number of bytes so far.
func (b *Bundle) Size() int64 { return int64(b.body.Len()) }

// Add adds a file. The name is its path as the client wrote it.
func (b *Bundle) Add(name string, content []byte) {
	b.part("file", name, "application/octet-stream", content)
}

// AddError adds the reason why a file cannot be downloaded.
func (b *Bundle) AddError(name string, err error) {
	e := world.ErrUnexpected
	errors.As(err, &e)
	problem := map[string]any{"message": e.Message, "statusCode": e.Status, "source": "DAYTONA_DAEMON"}
	if e.Status == 404 {
		problem["code"] = "FILE_NOT_FOUND"
	}
	text, _ := json.Marshal(problem) // texts and numbers only
	b.part("error", name, "application/json", text)
}

// quotes escapes a file name in a header, as browsers do.
var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "%0D", "\n", "%0A")

func (b *Bundle) part(field, name, contentType string, content []byte) {
	// Writing to a buffer does not fail.
	out, _ := b.parts.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="` + field + `"; filename="` + quotes.Replace(name) + `"`},
		"Content-Type":        {contentType},
		"Content-Length":      {strconv.Itoa(len(content))},
	})
	_, _ = out.Write(content)
}

// Close returns the form and its content type. The bundle must not be used afterwards.
func (b *Bundle) Close() (contentType string, body []byte) {
	_ = b.parts.Close()
	return b.parts.FormDataContentType(), b.body.Bytes()
}
