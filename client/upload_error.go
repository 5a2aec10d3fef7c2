package client

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"

	"fleet/client/internal/api"
)

// storageError returns the error of a response of the object storage. It returns nil for
// a success and for an expected status, unless the body is a web page.
func (x exchange) storageError(res *http.Response, body []byte, expected []int) error {
	wait, _ := api.RetryAfter(res.Header, time.Now())
	e := Error{Status: res.StatusCode, RetryAfter: wait, RequestID: cmp.Or(res.Header.Get("X-Amz-Request-Id"), api.RequestID(res.Header))}
	code, message := parseStorageError(body)
	e.Class = storageClass(res.StatusCode, code)
	e.Message = cmp.Or(message, code, strings.ToLower(http.StatusText(res.StatusCode)), "unknown status")
	switch {
	case isHTML(res) && res.StatusCode < 500:
		e.Class, e.Message = NotDaytona, "got a web page instead of a response of the object storage"
	case res.StatusCode >= 200 && res.StatusCode <= 299, slices.Contains(expected, res.StatusCode):
		return nil
	case e.Class == RateLimited:
		e.RateClass = RateStorage
	}
	return x.newError(e)
}

// parseStorageError returns code and message of an S3 error; "" if there are none.
func parseStorageError(body []byte) (code, message string) {
	var fault struct{ Code, Message string }
	if xml.Unmarshal(body, &fault) != nil {
		return "", ""
	}
	return strings.TrimSpace(fault.Code), strings.TrimSpace(fault.Message)
}

// storageClass returns the class of an error of the object storage. It is never
// Unauthorized: an expired access does not mean that the API refuses the credentials.
func storageClass(status int, code string) ErrorClass {
	switch code {
	case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
		return Forbidden
	case "SlowDown":
		return RateLimited
	}
	if class := classify(status, ""); class != Unauthorized {
		return class
	}
	return Forbidden
}

func (x exchange) storageHint(e Error) string {
	switch e.Class {
	case Forbidden:
		return "the access to the object storage expires after an hour: run the command again"
	case Unreachable:
		return "check that the object storage " + x.req.URL.Host + " can be reached from this machine: build contexts are uploaded to it"
	case RateLimited:
		return x.rateLimitHint(e)
	default:
		return ""
	}
}
