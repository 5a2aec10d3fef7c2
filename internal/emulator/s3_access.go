package emulator

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

const (
	bucket        = "daytona-volume-builds"
	storageRegion = "us-east-1"
	storagePrefix = "/s3"
	// sessionTTL is how long the keys for the object storage are good.
	sessionTTL = time.Hour
)

// session is one set of temporary keys for the object storage.
type session struct {
	secret, token string
	expiresAt     world.Instant
}

// sessions maps access keys to what belongs to them.
type sessions map[string]session

// open returns new keys and drops the old ones.
func (s sessions) open(now world.Instant) (accessKey string, opened session) {
	for key, old := range s {
		if !now.Before(old.expiresAt.Plus(sessionTTL).Time) {
			delete(s, key)
		}
	}
	accessKey = "EMULATOR" + rand.Text()[:12]
	opened = session{secret: rand.Text(), token: rand.Text(), expiresAt: now.Plus(sessionTTL)}
	s[accessKey] = opened
	return accessKey, opened
}

func (c *call) pushAccess() (reply, error) {
	accessKey, opened := c.srv.sessions.open(c.Now)
	body := map[string]string{
		"accessKey": accessKey, "secret": opened.secret, "sessionToken": opened.token,
		"storageUrl": c.origin + storagePrefix, "organizationId": world.OrganizationID, "bucket": bucket,
	}
	if c.srv.opts.APIVersion != world.Version190 {
		body["region"] = storageRegion
	}
	return reply{status: success, body: body}, nil
}

// authorize checks who asks the object storage. The caller holds the lock.
func (s *Server) authorize(r *http.Request, payload []byte) *storageError {
	signed, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return newStorageError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	}
	known, ok := s.sessions[signed.accessKey]
	switch {
	case !ok:
		return newStorageError(http.StatusForbidden, "InvalidAccessKeyId", "The access key does not exist in our records.")
	case r.Header.Get("X-Amz-Security-Token") != known.token:
		return newStorageError(http.StatusForbidden, "InvalidTokenId", "The security token included in the request is invalid.")
	case !s.now().Before(known.expiresAt.Time):
		return newStorageError(http.StatusForbidden, "ExpiredToken", "The provided token has expired.")
	case !signed.matches(r, known.secret):
		return newStorageError(http.StatusForbidden, "SignatureDoesNotMatch", "The signature does not match the request and the secret.")
	case !hashMatches(r.Header.Get(contentHash), payload):
		return newStorageError(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The content does not match its %s header.", contentHash)
	}
	return nil
}

// keyAllowed tells what the policy of the keys allows: the organisation's objects.
func keyAllowed(key string) bool { return strings.HasPrefix(key, world.OrganizationID+"/") }
