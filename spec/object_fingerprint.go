package spec

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// A seal stands for the values of attributes that the server's lists do not
// show, so that a change of the spec is seen without reading each object. It
// is the value of [FingerprintLabel]: a digit n, then for each sealed attribute its
// letter and n characters of a digest. n is as large as 63 characters allow,
// at most 6; equal values have equal digests, and a digest of 6 characters is
// shared by two values with a chance of 1 in 69 billion.
//
// A digest cannot be turned back, but a value that is easily guessed can be
// confirmed by it; whoever can read the labels can read the environment, too.

const (
	maxFingerprint = 63
	maxDigest      = 6
	minDigest      = 3 // what is shorter is not worth keeping
)

// labelFingerprint is the seal of an object that has labels; nil is a new one. The
// digests of what is ignored stay, for they tell what is there.
func (r *Resource) labelFingerprint(have map[string]string) string {
	kept := parseFingerprint(have[FingerprintLabel])
	var letters []byte
	var digests []string
	n := maxDigest
	for _, m := range r.managed() {
		if m.FingerprintLetter == 0 {
			continue
		}
		d := m.digest
		if have != nil && m.isIgnored {
			if d = kept.digestOf(m.FingerprintLetter); len(d) < minDigest {
				continue
			}
		}
		n = min(n, len(d))
		letters, digests = append(letters, m.FingerprintLetter), append(digests, d)
	}
	if len(digests) == 0 {
		return ""
	}
	n = min(n, (maxFingerprint-1)/len(digests)-1)
	var b strings.Builder
	b.WriteByte('0' + byte(n))
	for i, d := range digests {
		b.WriteByte(letters[i])
		b.WriteString(d[:n])
	}
	return b.String()
}

// digest is the same for equal values: JSON writes map keys sorted.
func digest(v any) string {
	sum := sha256.Sum256(canonical(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// canonical is a value as JSON. Plain texts, of which each sandbox has one to
// digest, are written without detours.
func canonical(v any) []byte {
	if s, ok := v.(string); ok && !strings.ContainsFunc(s, needsEscape) {
		return []byte(`"` + s + `"`)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("spec: a canonical value does not marshal: " + err.Error())
	}
	return b
}

// needsEscape reports whether JSON may write a character in another way.
func needsEscape(r rune) bool {
	switch r {
	case '"', '\\', '<', '>', '&':
		return true
	}
	return r < ' ' || r > '~'
}

// A sealed is a seal that was read.
type fingerprint struct {
	n    int    // characters of each digest; 0 when it is no seal
	text string // letters, each with its digest
}

// parseFingerprint reads a seal. What is not a seal has no digests.
func parseFingerprint(s string) fingerprint {
	if s == "" || s[0] < '1' || s[0] > '0'+maxDigest {
		return fingerprint{}
	}
	return fingerprint{int(s[0] - '0'), s[1:]}
}

// digestOf is the digest under a letter, or "".
func (s fingerprint) digestOf(letter byte) string {
	for text := s.text; len(text) > s.n; text = text[s.n+1:] {
		if text[0] == letter {
			return text[1 : s.n+1]
		}
	}
	return ""
}

// matches reports whether the digest under the letter of an attribute is that of
// its wanted value.
func (s fingerprint) matches(m *managedAttribute) bool {
	d := s.digestOf(m.FingerprintLetter)
	return d != "" && strings.HasPrefix(m.digest, d)
}
