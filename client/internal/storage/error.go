package storage

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An Error is a request that the object storage did not fulfil. Its texts hold no
// secrets, and are not longer than an error may show.
type Error struct {
	Method, Path string // of the request
	Host         string // that it was sent to

	Status     int           // of the response; 0 if there was none
	Page       bool          // whether the response is a web page
	Code       string        // of S3, such as SlowDown; "" if the response has none
	Message    string        // of the storage; "" if there is none
	RequestID  string        // of the storage, or of a proxy
	RetryAfter time.Duration // the wait that the storage asked for; 0 if it asked for none

	Cause error // of a request without a response; nil if its text holds a secret
}

// Error returns the request and the reason.
func (e *Error) Error() string {
	return e.Method + " " + e.Path + ": " + strings.TrimSpace(e.Code+" "+e.Message)
}

// Unwrap returns the error of the network.
func (e *Error) Unwrap() error { return e.Cause }

// The codes of S3 errors.
const (
	CodeExpired       = "ExpiredToken"
	CodeBusy          = "SlowDown"
	CodeTooLarge      = "EntityTooLarge"
	CodeSkewed        = "RequestTimeTooSkewed"
	CodeSignature     = "SignatureDoesNotMatch"
	codeNoUpload      = "NoSuchUpload"
	codeInternal      = "InternalError"
	codeTimeout       = "RequestTimeout"   // the storage waited for more of the body
	codeAborted       = "OperationAborted" // another operation is in progress
	codeInvalidToken  = "InvalidToken"
	codeRefresh       = "TokenRefreshRequired"
	codeUnknownToken  = "InvalidTokenId"
	codeUnknownAccess = "InvalidAccessKeyId"
)

// RefusesAccess reports whether the storage does not accept the access, which a new one
// may change. The response to a HEAD has no code.
func (e *Error) RefusesAccess() bool {
	switch e.Code {
	case CodeExpired, codeInvalidToken, codeRefresh, codeUnknownToken, codeUnknownAccess:
		return true
	}
	return e.Method == http.MethodHead && e.Status == http.StatusBadRequest
}

// transient reports whether the request may succeed if it is sent again, although its
// status suggests otherwise.
func (e *Error) transient() bool {
	return slices.Contains([]string{codeTimeout, codeAborted}, e.Code) || e.Code == codeInternal && isSuccess(e.Status)
}

// fault is the body of an S3 error.
type fault struct {
	XMLName       xml.Name
	Code, Message string
}

// parseFault returns the error in a body; its texts are empty if there is none.
func parseFault(body []byte) fault {
	var f fault
	if xml.Unmarshal(body, &f) != nil || f.XMLName.Local != "Error" {
		return fault{}
	}
	return fault{Code: strings.TrimSpace(f.Code), Message: strings.TrimSpace(f.Message)}
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }
