package storage

import (
	"cmp"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"fleet/client/internal/api"
)

const (
	headerDigest  = "X-Amz-Content-Sha256"
	emptyDigest   = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // of an empty body
	defaultRegion = "us-east-1"                                                        // if the server does not report it
)

// signing signs attempts with an S3 signature. The header already has the digest of the
// body. A signature ages: each attempt has its own.
type signing struct {
	next   http.RoundTripper
	access Access
}

// RoundTrip implements http.RoundTripper.
func (s signing) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if req.ContentLength > 0 && api.AttemptNumber(req.Context()) > 1 {
		// The last attempt may have been refused by a storage that closes the connection
		// without reading the body, so that its response was lost.
		req.Header.Set("Expect", "100-continue")
	}
	credentials := aws.Credentials{AccessKeyID: s.access.AccessKey, SecretAccessKey: s.access.Secret, SessionToken: s.access.SessionToken}
	region := cmp.Or(s.access.Region, defaultRegion)
	err := v4.NewSigner().SignHTTP(req.Context(), credentials, req, req.Header.Get(headerDigest), "s3", region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }) // S3 signs the path unescaped, unlike other services
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	return s.next.RoundTrip(req)
}
