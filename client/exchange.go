package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// exchange is a request that was sent. It turns the outcome into a result or an error.
type exchange struct {
	Route
	req    *http.Request
	config Config
	redact api.Redactor
}

// newError completes an error. All text in it that comes from outside is redacted and
// shortened here.
func (x exchange) newError(e Error) *Error {
	e.Method, e.Path = x.req.Method, x.path()
	e.Hint = x.hint(e)
	e.Message = api.OneLine(x.redact.Text(e.Message))
	e.RequestID = api.OneLine(x.redact.Text(e.RequestID))
	e.cause = x.redact.Err(e.cause)
	if isContextError(e.cause) { // a timeout of the network, which callers would take for that of their own context
		e.cause = nil
	}
	return &e
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// path returns the path of the request below the base URL.
func (x exchange) path() string {
	base, _ := url.Parse(x.config.URL)
	return x.redact.Text(strings.TrimPrefix(x.req.URL.EscapedPath(), base.EscapedPath()))
}

// transportError returns the error of a request without a response. If the context
// ended, that is the reason.
func (x exchange) transportError(err error) error {
	if done := x.req.Context().Err(); done != nil {
		return &canceledError{x.req.Method, x.path(), done}
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // the outer text repeats the URL
	}
	class := Unreachable
	if errors.Is(err, transport.ErrTooLarge) {
		class = NotJSON
	}
	return x.newError(Error{Class: class, Message: err.Error(), cause: err})
}

// responseError returns the error of a response whose status is not a success.
func (x exchange) responseError(res *http.Response, body []byte) error {
	wait, _ := api.RetryAfter(res.Header, time.Now())
	e := Error{Status: res.StatusCode, RetryAfter: wait, RequestID: api.RequestID(res.Header)}
	message := ""
	if isJSON(res) {
		message = errorMessage(body)
	}
	e.Class = classify(res.StatusCode, message)
	e.Message = cmp.Or(message, strings.ToLower(http.StatusText(res.StatusCode)), "unknown status")
	switch {
	case e.Class == Forbidden && accessDenied.MatchString(message):
		e.Permission = x.Permission
	case e.Class == RateLimited:
		e.RateClass = api.RateLimitedClass(res.Header, x.Class)
	case res.StatusCode < 400:
		e.Message = "redirected to " + res.Header.Get("Location")
	case res.StatusCode < 500 && isHTML(res):
		e.Class = NotDaytona
		e.Message = "got a web page instead of an API response"
	}
	return x.newError(e)
}

// decodeResponse decodes the body of a success into out. A web page is an error even
// if out is nil, since it is not from the API.
func (x exchange) decodeResponse(res *http.Response, body []byte, out any) error {
	e := Error{Status: res.StatusCode, RequestID: api.RequestID(res.Header)}
	switch {
	case isHTML(res):
		e.Class, e.Message = NotDaytona, "got a web page instead of an API response"
	case out == nil:
		return nil
	case len(body) == 0:
		e.Class, e.Message = NotJSON, "the response is empty"
	case !isJSON(res):
		e.Class, e.Message = NotJSON, "the response is not JSON: its content type is "+cmp.Or(res.Header.Get("Content-Type"), "missing")
	default:
		err := x.decodeBody(body, out)
		if err == nil {
			return nil
		}
		e.Class, e.Message = NotJSON, "cannot decode the response: "+err.Error()
	}
	return x.newError(e)
}

// canceledError is the error of a call whose context ended.
type canceledError struct {
	method, path string
	cause        error
}

func (e *canceledError) Error() string { return e.method + " " + e.path + ": " + e.cause.Error() }
func (e *canceledError) Unwrap() error { return e.cause }

func mediaType(res *http.Response) string {
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return media
}

func isHTML(res *http.Response) bool { return mediaType(res) == "text/html" }

func isJSON(res *http.Response) bool {
	media := mediaType(res)
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// errorMessage returns the message in the body of an error; "" if there is none.
func errorMessage(body []byte) string {
	var f fields
	if json.Unmarshal(body, &f) != nil {
		return ""
	}
	message := cmp.Or(f.text("message"), strings.Join(decodeField[[]string](f, "message"), ", "), f.text("error"))
	return strings.TrimSpace(message)
}
