package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/foreign"
)

// encodings returns the forms in which a value may be written: unchanged, escaped for
// a terminal, quoted, in JSON, in URLs and in base64.
func encodings(v string) []string {
	quoted := strconv.Quote(v)
	list := []string{v, foreign.Escape(v), quoted[1 : len(quoted)-1], url.PathEscape(v), url.QueryEscape(v), url.UserPassword("", v).String()[1:]}
	if b, err := json.Marshal(v); err == nil {
		inner := string(b[1 : len(b)-1])
		list = append(list, inner, htmlUnescaper.Replace(inner))
	}
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		list = append(list, base64Forms(e, v)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// htmlUnescaper reverses the escapes that JSON adds for HTML.
var htmlUnescaper = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// base64Forms returns the forms of a value within a longer base64 text, one for each
// offset in a group of three bytes. Characters that also depend on adjacent bytes are
// omitted.
func base64Forms(e *base64.Encoding, v string) (list []string) {
	for offset := range 3 {
		text := e.EncodeToString([]byte(strings.Repeat("\x00", offset) + v))
		start := (offset*8 + 5) / 6
		end := (offset + len(v)) * 8 / 6
		list = append(list, text[start:end])
	}
	return list
}
