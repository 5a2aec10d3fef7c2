package emulator

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

const (
	signatureScheme = "AWS4-HMAC-SHA256"
	contentHash     = "X-Amz-Content-Sha256"
)

// signature is the Authorization header of version 4 of AWS's signatures.
type signature struct {
	accessKey string
	scope     []string // day, region, service, "aws4_request"
	headers   []string
	sum       string
}

func parseAuthorization(header string) (signature, bool) {
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != signatureScheme {
		return signature{}, false
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[k] = v
	}
	credential := strings.Split(fields["Credential"], "/")
	if len(credential) != 5 || fields["SignedHeaders"] == "" || fields["Signature"] == "" {
		return signature{}, false
	}
	return signature{
		accessKey: credential[0], scope: credential[1:],
		headers: strings.Split(fields["SignedHeaders"], ";"), sum: fields["Signature"],
	}, true
}

// matches tells whether the holder of the secret signed the request's head.
func (s signature) matches(r *http.Request, secret string) bool {
	return slices.Contains(s.headers, "host") && hmac.Equal([]byte(s.sum), []byte(s.compute(r, secret)))
}

// compute computes the signature.
func (s signature) compute(r *http.Request, secret string) string {
	toSign := strings.Join([]string{
		signatureScheme, r.Header.Get("X-Amz-Date"), strings.Join(s.scope, "/"), world.DigestOf(s.canonical(r)),
	}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range s.scope {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, toSign))
}

// canonical is the request as both sides write it down before signing.
func (s signature) canonical(r *http.Request) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range s.headers {
		b.WriteString(name + ":" + signedValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.headers, ";") + "\n" + r.Header.Get(contentHash))
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

// signedValue returns a header's value; net/http keeps two of them elsewhere.
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

// hashMatches compares the payload with the hash that was signed, if one was.
func hashMatches(signedHash string, payload []byte) bool {
	if len(signedHash) != hex.EncodedLen(sha256.Size) {
		return true
	}
	sum := sha256.Sum256(payload)
	return signedHash == hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
