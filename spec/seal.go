package spec

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// A seal stands for the values of attributes that the server's lists do not
// show, so that a change of the spec is seen without reading each object. It
// is the value of [SealLabel]: a digit n, then for each sealed attribute its
// letter and n characters of a digest. n is as large as 63 characters allow,
// at most 6; equal values have equal digests, and a digest of 6 characters is
// shared by two values with a chance of 1 in 69 billion.
//
// A digest cannot be turned back, but a value that is easily guessed can be
// confirmed by it; whoever can read the labels can read the environment, too.

const (
	sealLength = 63
	maxDigest  = 6
	minDigest  = 3 // what is shorter is not worth keeping
)

// seal is the seal of a new object.
func (r *Resource) seal() string { return r.sealOver(nil) }

// sealOver is the seal of an object that has labels; nil is a new one. The
// digests of what is ignored stay, for they tell what is there.
func (r *Resource) sealOver(have map[string]string) string {
	kept := readSeal(have[SealLabel])
	var sealed []*Attribute
	digests := map[*Attribute]string{}
	n := maxDigest
	for _, a := range Tables[r.Kind] {
		if _, ok := r.Attrs[a]; !ok || a.Seal == 0 {
			continue
		}
		digests[a] = r.digest(a)
		if have != nil && r.ignores(a) {
			if digests[a] = kept[a.Seal]; len(digests[a]) < minDigest {
				continue
			}
		}
		n = min(n, len(digests[a]))
		sealed = append(sealed, a)
	}
	if len(sealed) == 0 {
		return ""
	}
	n = min(n, (sealLength-1)/len(sealed)-1)
	var b strings.Builder
	b.WriteByte('0' + byte(n))
	for _, a := range sealed {
		b.WriteByte(a.Seal)
		b.WriteString(digests[a][:n])
	}
	return b.String()
}

// digest is the digest of an attribute's wanted value, without the entries that
// are ignored.
func (r *Resource) digest(a *Attribute) string {
	if d, ok := r.digests[a]; ok {
		return d
	}
	return digest(outside(r.Attrs[a], r.spares(a)))
}

// shareDigests computes the digests of each block once, where its copies differ
// in nothing that is sealed.
func shareDigests(resources []*Resource) {
	var last *Resource
	for _, r := range resources {
		if last != nil && last.from == r.from && !r.from.varies {
			r.digests = last.digests
			continue
		}
		digests := map[*Attribute]string{}
		for _, a := range Tables[r.Kind] {
			if _, ok := r.Attrs[a]; ok && a.Seal != 0 {
				digests[a] = r.digest(a)
			}
		}
		r.digests, last = digests, r
	}
}

// digest is the same for equal values: JSON writes map keys sorted.
func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("spec: a canonical value does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// readSeal returns the digests of a seal by letter. What is not a seal has
// none.
func readSeal(s string) map[byte]string {
	if s == "" || s[0] < '1' || s[0] > '0'+maxDigest {
		return nil
	}
	n := int(s[0] - '0')
	digests := map[byte]string{}
	for s = s[1:]; len(s) > n; s = s[n+1:] {
		digests[s[0]] = s[1 : n+1]
	}
	return digests
}
