package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
)

// MaxBody is how many bytes of a request the server reads. It does not know the
// call of a longer one.
const MaxBody = 100 << 10

// hint says what a user can do about an error; "" where the message says it.
func (a attempt) hint(e Error) string {
	switch a.Class {
	case RateStorage:
		return a.storageHint(e)
	case RateToolbox, RatePreview:
		if hint, ok := a.proxyHint(e); ok {
			return hint
		}
	default:
	}
	switch e.Class {
	case Unauthorized:
		from := a.config.Origins
		if a.config.Key != "" {
			return "the API key was refused: check " + from.Credentials.or("DAYTONA_API_KEY").String()
		}
		return fmt.Sprintf("the token was refused: check %s and %s", from.Credentials.or("DAYTONA_JWT_TOKEN"), from.Organization.or("DAYTONA_ORGANIZATION_ID"))
	case Forbidden:
		if e.Permission != "" {
			return "the credentials probably lack the permission " + e.Permission + a.config.Origins.Credentials.hintSuffix()
		}
		return ""
	case Unreachable:
		return a.unreachableHint(e.cause)
	case NotDaytona:
		return fmt.Sprintf("check %s: it usually ends in /api", a.describeURL())
	case NotSupported:
		return a.unsupportedHint(e)
	case TooBig:
		return "ask for less, or have the limit raised"
	case QuotaExceeded:
		return "free resources, or raise the organisation's limits"
	case NoCapacity, Maintenance:
		return "try again later"
	case Suspended:
		return "see the organisation's page in the Daytona dashboard"
	case RateLimited:
		return a.rateLimitHint(e)
	default:
		return ""
	}
}

// describeURL is the URL with where it was set, and with the proxy for it.
func (a attempt) describeURL() string {
	text := fmt.Sprintf("%s (%s)", a.config.Origins.URL.or("DAYTONA_API_URL"), a.config.URL)
	if proxy := a.config.Origins.Proxy; proxy.Name != "" {
		text += ", the proxy in " + proxy.String()
	}
	return text
}

func (a attempt) unreachableHint(cause error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](cause); ok {
		return "the server's certificate is not trusted: name the CA that signed it, or check " + a.config.Origins.URL.or("DAYTONA_API_URL").String()
	}
	hint := fmt.Sprintf("check %s and the network", a.describeURL())
	if a.NonIdempotent && !notSent(cause) {
		hint += "; the request may have been carried out all the same"
	}
	return hint
}

func (a attempt) unsupportedHint(e Error) string {
	switch {
	case e.Status != http.StatusNotFound:
		return ""
	case a.req.ContentLength > MaxBody:
		return fmt.Sprintf("the request of %d kB may be larger than the server accepts", a.req.ContentLength/1000)
	default:
		return "this server does not know the call: it may be older, have the feature switched off, or not be the API (" + a.config.URL + ")"
	}
}

func (a attempt) rateLimitHint(e Error) string {
	if e.RetryAfter > 0 {
		return fmt.Sprintf("the limit %s is used up: wait %s", e.RateClass, e.RetryAfter)
	}
	return fmt.Sprintf("the limit %s is used up: wait a minute", e.RateClass)
}
