package storage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// Scheme is the signature scheme, and ContentHash the header with the digest of the
// body.
const (
	Scheme      = "AWS4-HMAC-SHA256"
	ContentHash = "X-Amz-Content-Sha256"
)

// A Signature is a parsed Authorization header of version 4 of AWS's scheme.
type Signature struct {
	AccessKey string
	Scope     []string // day, region, service, "aws4_request"
	Headers   []string // names of the signed headers, in lower case
	Sum       string   // the signature itself, in hex
}

func parseAuthorization(header string) (Signature, bool) {
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != Scheme {
		return Signature{}, false
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[k] = v
	}
	credential := strings.Split(fields["Credential"], "/")
	if len(credential) != 5 || fields["SignedHeaders"] == "" || fields["Signature"] == "" {
		return Signature{}, false
	}
	return Signature{
		AccessKey: credential[0], Scope: credential[1:],
		Headers: strings.Split(fields["SignedHeaders"], ";"), Sum: fields["Signature"],
	}, true
}

// matches reports whether the request was signed with the secret.
func (s Signature) matches(r *http.Request, secret string) bool {
	return slices.Contains(s.Headers, "host") && hmac.Equal([]byte(s.Sum), []byte(s.Compute(r, secret)))
}

// Compute returns the signature of a request with a secret.
func (s Signature) Compute(r *http.Request, secret string) string {
	toSign := strings.Join([]string{
		Scheme, r.Header.Get("X-Amz-Date"), strings.Join(s.Scope, "/"), world.DigestOf(s.canonical(r)),
	}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range s.Scope {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, toSign))
}

// canonical returns the canonical form of a request, which is signed.
func (s Signature) canonical(r *http.Request) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range s.Headers {
		b.WriteString(name + ":" + signedValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.Headers, ";") + "\n" + r.Header.Get(ContentHash))
	return b.String()
}

func canonicalQuery(q url.Values) string {
	var pairs []string
	for k, values := range q {
		for _, v := range values {
			pairs = append(pairs, awsEscape(k)+"="+awsEscape(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func awsEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// signedValue returns the value of a header; net/http stores two of them outside of
// the headers.
func signedValue(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
