package client

import "fleet/internal/redact"

// redactor takes credentials out of text that came from outside: servers and
// proxies echo what they were sent.
type redactor struct{ *redact.Redactor }

func newRedactor(secrets ...string) redactor { return redactor{redact.New(secrets)} }

func (r redactor) text(s string) string { return r.Text(s) }

// err is nil when the error's own text cannot be shown as it is.
func (r redactor) err(err error) error {
	if err == nil || r.text(err.Error()) != err.Error() {
		return nil
	}
	return err
}
