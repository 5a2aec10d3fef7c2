package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fleet/internal/input"
)

// Headers of the Standard Webhooks specification.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// Bounds of a secret in bytes, from the specification.
const (
	minSecret = 24
	maxSecret = 64

	maxSecretFile = 4 << 10
)

// A Secret signs webhooks.
type Secret struct{ key []byte }

// String returns a text without the secret.
func (Secret) String() string { return "webhook secret" }

// GoString returns a text without the secret.
func (s Secret) GoString() string { return s.String() }

// ParseSecrets reads secrets in the form of the Standard Webhooks specification:
// whsec_ and 24 to 64 bytes in base64, separated by white space. Each one signs, so that
// receivers can change from one to the next.
func ParseSecrets(text string) ([]Secret, error) {
	var list []Secret
	for _, word := range strings.Fields(text) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, "whsec_"))
		if err != nil || len(key) < minSecret || len(key) > maxSecret {
			return nil, fmt.Errorf("webhook secret %d is not whsec_ and %d to %d bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)",
				len(list)+1, minSecret, maxSecret)
		}
		list = append(list, Secret{key})
	}
	if len(list) == 0 {
		return nil, errors.New("there is no webhook secret; make one with: echo whsec_$(openssl rand -base64 32)")
	}
	return list, nil
}

// LoadSecrets reads the secrets of a file, or if file is empty, parses text, the value of a
// variable. Without both it returns none. Errors do not show the content.
func LoadSecrets(ctx context.Context, file, text string) ([]Secret, error) {
	if file == "" && text == "" {
		return nil, nil
	}
	if file != "" {
		content, err := input.ReadNamed(ctx, file, maxSecretFile)
		if err != nil {
			return nil, err
		}
		text = string(content)
	}
	list, err := ParseSecrets(text)
	if err != nil && file != "" {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, err
}

// sign sets the headers of a notification that is sent at a time.
func sign(h http.Header, secrets []Secret, id string, at time.Time, body []byte) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	h.Set(headerID, id)
	h.Set(headerTimestamp, timestamp)
	var signatures []string
	for _, s := range secrets {
		mac := hmac.New(sha256.New, s.key)
		fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	if len(signatures) > 0 {
		h.Set(headerSignature, strings.Join(signatures, " "))
	}
}
