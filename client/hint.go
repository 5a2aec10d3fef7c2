package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	"fleet/client/internal/transport"
)

// MaxBody is the size in bytes of the largest request body that the server reads. It
// answers a larger one as if it did not know the path.
const MaxBody = 100 << 10

// hint returns what a user can do about an error; "" if its message is enough.
func (x exchange) hint(e Error) string {
	switch x.Class {
	case RateToolbox, RatePreview:
		if hint, ok := x.proxyHint(e); ok {
			return hint
		}
	default:
	}
	switch e.Class {
	case Unauthorized:
		from := x.config.Origins
		if x.config.Key != "" {
			return "the API key was refused: check " + from.Credentials.or("DAYTONA_API_KEY").String()
		}
		return fmt.Sprintf("the token was refused: check %s and %s", from.Credentials.or("DAYTONA_JWT_TOKEN"), from.Organization.or("DAYTONA_ORGANIZATION_ID"))
	case Forbidden:
		if e.Permission != "" {
			return "the credentials probably lack the permission " + e.Permission + x.config.Origins.Credentials.hintSuffix()
		}
		return ""
	case Unreachable:
		return x.unreachableHint(e.cause)
	case NotDaytona:
		return fmt.Sprintf("check %s: it usually ends in /api", x.describeURL())
	case NotSupported:
		return x.unsupportedHint(e)
	case TooBig:
		return "ask for less, or have the limit raised"
	case QuotaExceeded:
		return "free resources, or raise the organisation's limits"
	case NoCapacity, Maintenance:
		return "try again later"
	case Suspended:
		return "see the organisation's page in the Daytona dashboard"
	case RateLimited:
		return rateLimitHint(e)
	default:
		return ""
	}
}

// describeURL returns the URL of the API with its origin, and the origin of the proxy
// for it.
func (x exchange) describeURL() string {
	text := fmt.Sprintf("%s (%s)", x.config.Origins.URL.or("DAYTONA_API_URL"), x.config.URL)
	if proxy := x.config.Origins.Proxy; proxy.Name != "" {
		text += ", the proxy in " + proxy.String()
	}
	return text
}

func (x exchange) unreachableHint(cause error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](cause); ok {
		return "the server's certificate is not trusted: name the CA that signed it, or check " + x.config.Origins.URL.or("DAYTONA_API_URL").String()
	}
	hint := fmt.Sprintf("check %s and the network", x.describeURL())
	if x.NonIdempotent && !transport.NotSent(cause) {
		hint += "; the request may have been carried out nevertheless"
	}
	return hint
}

func (x exchange) unsupportedHint(e Error) string {
	switch {
	case e.Status != http.StatusNotFound:
		return ""
	case x.req.ContentLength > MaxBody:
		return fmt.Sprintf("the request of %d kB may be larger than the server accepts", x.req.ContentLength/1000)
	default:
		return "the server does not support this call: it may be older, have the feature disabled, or not be the API (" + x.config.URL + ")"
	}
}

func rateLimitHint(e Error) string {
	if e.RetryAfter > 0 {
		return fmt.Sprintf("the limit %s is used up: wait %s", e.RateClass, e.RetryAfter)
	}
	return fmt.Sprintf("the limit %s is used up: wait a minute", e.RateClass)
}
