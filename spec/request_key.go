package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// RequestKey returns a key that is the same for resources whose create requests
// the server accepts or refuses for the same reasons: the bodies are equal except
// for name, labels and values of environment variables. The key depends on values
// that may be secret and must not be shown.
func (r *Resource) RequestKey(f Facts) string {
	body := r.CreateBody(f)
	for _, a := range Tables[r.Kind] {
		v, sent := body[a.API]
		switch {
		case !sent:
		case a.PerResource:
			delete(body, a.API)
		case a.Secret:
			if byName, ok := v.(map[string]string); ok {
				body[a.API] = slices.Sorted(maps.Keys(byName))
			}
		}
	}
	for field, sandbox := range r.Links() {
		body[field] = sandbox
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic("spec: the body of a request does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
