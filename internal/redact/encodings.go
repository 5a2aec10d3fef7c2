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

// encodings lists the ways in which a value may be written: as it is, escaped for a
// terminal, quoted, in JSON, in URLs and in base64.
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

// htmlUnescaper takes back what JSON escapes for the sake of HTML.
var htmlUnescaper = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// base64Forms lists the ways in which a value comes out of base64 as a part of
// something longer: it may begin at each of the three bytes that are written
// together. The characters at both ends that depend on what is beside it are
// left out.
func base64Forms(e *base64.Encoding, v string) (list []string) {
	for offset := range 3 {
		text := e.EncodeToString([]byte(strings.Repeat("\x00", offset) + v))
		start := (offset*8 + 5) / 6
		end := (offset + len(v)) * 8 / 6
		list = append(list, text[start:end])
	}
	return list
}
