package storage

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

const (
	// Bucket is the only bucket.
	Bucket = "daytona-volume-builds"
	// Region is the region of the bucket.
	Region = "us-east-1"
	// sessionTTL is how long the keys of a session are valid.
	sessionTTL = time.Hour
)

// A Session is one set of temporary credentials.
type Session struct {
	AccessKey, Secret, Token string
	expiresAt                world.Instant
}

// OpenSession returns new credentials, and removes those that expired a while ago.
func (s *Storage) OpenSession(now world.Instant) Session {
	for key, old := range s.sessions {
		if !now.Before(old.expiresAt.Plus(sessionTTL).Time) {
			delete(s.sessions, key)
		}
	}
	opened := Session{
		AccessKey: "EMULATOR" + rand.Text()[:12], Secret: rand.Text(), Token: rand.Text(), expiresAt: now.Plus(sessionTTL),
	}
	s.sessions[opened.AccessKey] = opened
	return opened
}

// authorize verifies the credentials and the signature of a request. The signature covers
// the digest of the body, which is verified when the body is read.
func (s *Storage) authorize(r *http.Request, now world.Instant) *Error {
	signed, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return newError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	}
	known, ok := s.sessions[signed.AccessKey]
	switch {
	case !ok:
		return newError(http.StatusForbidden, "InvalidAccessKeyId", "The access key does not exist in our records.")
	case r.Header.Get("X-Amz-Security-Token") != known.Token:
		return newError(http.StatusForbidden, "InvalidTokenId", "The security token included in the request is invalid.")
	case !now.Before(known.expiresAt.Time):
		return newError(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
	case !signed.matches(r, known.Secret):
		return newError(http.StatusForbidden, "SignatureDoesNotMatch", "The signature does not match the request and the secret.")
	}
	return nil
}

// keyAllowed reports whether the credentials are valid for an object: only for those
// of the organisation.
func keyAllowed(key string) bool { return strings.HasPrefix(key, world.OrganizationID+"/") }
