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

// storageError is the error of an answer of the object storage, nil for a
// success and the expected statuses. A web page is neither.
func (x exchange) storageError(res *http.Response, body []byte, expected []int) error {
	wait, _ := api.RetryAfter(res.Header, time.Now())
	e := Error{Status: res.StatusCode, RetryAfter: wait, RequestID: cmp.Or(res.Header.Get("X-Amz-Request-Id"), api.RequestID(res.Header))}
	code, message := parseStorageError(body)
	e.Class = storageClass(res.StatusCode, code)
	e.Message = cmp.Or(message, code, strings.ToLower(http.StatusText(res.StatusCode)), "unknown status")
	switch {
	case isHTML(res) && res.StatusCode < 500:
		e.Class, e.Message = NotDaytona, "a web page answered, not the object storage"
	case res.StatusCode >= 200 && res.StatusCode <= 299, slices.Contains(expected, res.StatusCode):
		return nil
	case e.Class == RateLimited:
		e.RateClass = RateStorage
	}
	return x.newError(e)
}

// parseStorageError reads what S3 says of an error; empty when it cannot be told.
func parseStorageError(body []byte) (code, message string) {
	var fault struct{ Code, Message string }
	if xml.Unmarshal(body, &fault) != nil {
		return "", ""
	}
	return strings.TrimSpace(fault.Code), strings.TrimSpace(fault.Message)
}

// storageClass tells what a refusal means. It is never Unauthorized: that the
// access to the storage is over says nothing of the credentials for the API.
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
		return "the access to the object storage lasts an hour and may be over: run it again"
	case Unreachable:
		return "build contexts are uploaded to " + x.req.URL.Host + ", which has to be reachable from here"
	case RateLimited:
		return x.rateLimitHint(e)
	default:
		return ""
	}
}
