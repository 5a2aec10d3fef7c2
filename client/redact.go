package client

import (
	"net/url"
	"strings"
)

// redactor takes credentials out of text that came from outside: servers and
// proxies echo what they were sent.
type redactor struct{ replacer *strings.Replacer }

// minSecret keeps a placeholder such as "x" from blanking whole messages.
const minSecret = 4

func newRedactor(secrets ...string) redactor {
	var pairs []string
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			pairs = append(pairs, form, "[redacted]")
		}
	}
	return redactor{strings.NewReplacer(pairs...)}
}

func (r redactor) text(s string) string { return r.replacer.Replace(s) }

// err is nil when the error's own text cannot be shown as it is.
func (r redactor) err(err error) error {
	if err == nil || r.text(err.Error()) != err.Error() {
		return nil
	}
	return err
}
