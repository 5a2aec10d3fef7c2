package spec

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// The fingerprint of a sandbox has digests of attributes that the server's lists do not
// include, so that a change of the spec is detected without reading each object. It is
// the value of [FingerprintLabel]: a digit n, then the letter of each fingerprinted
// attribute with n characters of its digest. n is as large as the 63 characters of a
// label value allow, at most 6. Two values share a digest of 6 characters with a
// probability of 1 in 69 billion.
//
// A digest can confirm a guessed value. That reveals nothing new: clients that can read
// the labels can also read the environment variables.

const (
	maxFingerprint = 63
	maxDigest      = 6
	minDigest      = 3 // shorter digests of ignored attributes are dropped
)

// labelFingerprint returns the fingerprint for an object with the labels have; nil for
// a new object. It keeps the digests of ignored attributes and of uploaded files, which
// describe the object.
func (r *Resource) labelFingerprint(have map[string]string) string {
	kept := parseFingerprint(have[FingerprintLabel])
	var letters []byte
	var digests []string
	for _, m := range r.managed() {
		if m.FingerprintLetter == 0 {
			continue
		}
		d := m.digest
		if m.Change.Upload || have != nil && m.isIgnored {
			if d = kept.digestOf(m.FingerprintLetter); len(d) < minDigest {
				continue
			}
		}
		letters, digests = append(letters, m.FingerprintLetter), append(digests, d)
	}
	return encodeFingerprint(letters, digests)
}

// encodeFingerprint returns the text of a fingerprint, or "" if it has no digests.
func encodeFingerprint(letters []byte, digests []string) string {
	if len(digests) == 0 {
		return ""
	}
	n := maxDigest
	for _, d := range digests {
		n = min(n, len(d))
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

// digest returns a digest of a value in canonical form.
func digest(v any) string {
	sum := sha256.Sum256(canonical(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// canonical returns the value as JSON, with sorted map keys. It has a fast path for
// plain texts, since every sandbox has the digest of its name.
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

// needsEscape reports whether JSON may escape a character.
func needsEscape(r rune) bool {
	switch r {
	case '"', '\\', '<', '>', '&':
		return true
	}
	return r < ' ' || r > '~'
}

// A fingerprint is the parsed value of [FingerprintLabel].
type fingerprint struct {
	n    int    // characters of each digest; 0 if the value is not a fingerprint
	text string // letters, each followed by its digest
}

// parseFingerprint parses a fingerprint. An invalid one has no digests.
func parseFingerprint(s string) fingerprint {
	if s == "" || s[0] < '1' || s[0] > '0'+maxDigest {
		return fingerprint{}
	}
	return fingerprint{int(s[0] - '0'), s[1:]}
}

// digestOf returns the digest with the letter, or "".
func (s fingerprint) digestOf(letter byte) string {
	for text := s.text; len(text) > s.n; text = text[s.n+1:] {
		if text[0] == letter {
			return text[1 : s.n+1]
		}
	}
	return ""
}

// split returns the letters of the fingerprint, and the digest of each.
func (s fingerprint) split() (letters []byte, digests []string) {
	for text := s.text; len(text) > s.n; text = text[s.n+1:] {
		letters, digests = append(letters, text[0]), append(digests, text[1:s.n+1])
	}
	return letters, digests
}

// matches reports whether the attribute's digest is that of the spec's value.
func (s fingerprint) matches(m *managedAttribute) bool {
	d := s.digestOf(m.FingerprintLetter)
	return d != "" && strings.HasPrefix(m.digest, d)
}
