package emulator

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"
)

const (
	bucket        = "daytona-volume-builds"
	storageRegion = "us-east-1"
	storagePrefix = "/s3"
	// sessionLasts is how long the keys for the object storage are good.
	sessionLasts = time.Hour
)

// session is one set of temporary keys for the object storage.
type session struct {
	secret, token string
	until         instant
}

// sessions maps access keys to what belongs to them.
type sessions map[string]session

// open returns new keys and drops the old ones.
func (s sessions) open(now instant) (accessKey string, opened session) {
	for key, old := range s {
		if !now.Before(old.until.plus(sessionLasts).Time) {
			delete(s, key)
		}
	}
	accessKey = "EMULATOR" + rand.Text()[:12]
	opened = session{secret: rand.Text(), token: rand.Text(), until: now.plus(sessionLasts)}
	s[accessKey] = opened
	return accessKey, opened
}

func (c *call) pushAccess() (reply, error) {
	accessKey, opened := c.srv.sessions.open(c.now)
	body := map[string]string{
		"accessKey": accessKey, "secret": opened.secret, "sessionToken": opened.token,
		"storageUrl": c.origin + storagePrefix, "organizationId": organizationID, "bucket": bucket,
	}
	if c.srv.opts.APIVersion != Version190 {
		body["region"] = storageRegion
	}
	return reply{status: success, body: body}, nil
}

// admit checks who asks the object storage. The caller holds the lock.
func (s *Server) admit(r *http.Request, payload []byte) *storageError {
	signed, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return storageFault(http.StatusForbidden, "AccessDenied", "Access Denied.")
	}
	known, ok := s.sessions[signed.accessKey]
	switch {
	case !ok:
		return storageFault(http.StatusForbidden, "InvalidAccessKeyId", "The access key does not exist in our records.")
	case r.Header.Get("X-Amz-Security-Token") != known.token:
		return storageFault(http.StatusForbidden, "InvalidTokenId", "The security token included in the request is invalid.")
	case !s.now().Before(known.until.Time):
		return storageFault(http.StatusForbidden, "ExpiredToken", "The provided token has expired.")
	case !signed.matches(r, known.secret):
		return storageFault(http.StatusForbidden, "SignatureDoesNotMatch", "The signature does not match the request and the secret.")
	case !intact(r.Header.Get(contentHash), payload):
		return storageFault(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The content does not match its %s header.", contentHash)
	}
	return nil
}

// permitted tells what the policy of the keys allows: the organisation's objects.
func permitted(key string) bool { return strings.HasPrefix(key, organizationID+"/") }
