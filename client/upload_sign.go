package client

import (
	"cmp"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"fleet/client/internal/transport"
)

const (
	headerDigest  = "X-Amz-Content-Sha256"
	emptyDigest   = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // of no body
	defaultRegion = "us-east-1"                                                        // where the server does not tell
)

// signingTransport signs requests for the object storage, as S3 wants it. The digest of
// the body is in its header already.
type signingTransport struct {
	next   http.RoundTripper
	access StorageAccess
	stats  *transport.Collector
}

func (s signingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	credentials := aws.Credentials{AccessKeyID: s.access.AccessKey, SecretAccessKey: s.access.Secret, SessionToken: s.access.SessionToken}
	region := cmp.Or(s.access.Region, defaultRegion)
	err := v4.NewSigner().SignHTTP(req.Context(), credentials, req, req.Header.Get(headerDigest), "s3", region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }) // of all services, S3 alone signs paths as they are
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	s.stats.AddRequest(RateStorage)
	return s.next.RoundTrip(req)
}
