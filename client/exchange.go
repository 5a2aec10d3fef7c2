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

// attempt is a call that was sent: it turns what came of it into an error.
type exchange struct {
	Route
	req    *http.Request
	config Config
	redact api.Redactor
}

// newError fills an error with what is the same for all; every text in it that is
// not ours goes through here.
func (x exchange) newError(e Error) *Error {
	e.Method, e.Path = x.req.Method, x.path()
	e.Hint = x.hint(e)
	e.Message = api.OneLine(x.redact.Text(e.Message))
	e.RequestID = api.OneLine(x.redact.Text(e.RequestID))
	e.cause = x.redact.Err(e.cause)
	if isContextError(e.cause) { // a timeout of the network passes for one of the caller's context
		e.cause = nil
	}
	return &e
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// path is the request's, below the base URL.
func (x exchange) path() string {
	base, _ := url.Parse(x.config.URL)
	return x.redact.Text(strings.TrimPrefix(x.req.URL.EscapedPath(), base.EscapedPath()))
}

// transportError is the error of a call without an answer: the context's own, if
// that is why.
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

// responseError is the error of an answer that is no success. The status decides,
// the body explains.
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
		e.Permission = x.Route.Permission
	case e.Class == RateLimited:
		e.RateClass = api.RateLimitedClass(res.Header, x.Class)
	case res.StatusCode < 400:
		e.Message = "redirected to " + res.Header.Get("Location")
	case res.StatusCode < 500 && isHTML(res):
		e.Class = NotDaytona
		e.Message = "a web page answered, not the API"
	}
	return x.newError(e)
}

// decodeResponse reads the answer of a success. A web page is never one, even where
// nothing is to be read.
func (x exchange) decodeResponse(res *http.Response, body []byte, out any) error {
	e := Error{Status: res.StatusCode, RequestID: api.RequestID(res.Header)}
	switch {
	case isHTML(res):
		e.Class, e.Message = NotDaytona, "a web page answered, not the API"
	case out == nil:
		return nil
	case len(body) == 0:
		e.Class, e.Message = NotJSON, "the answer is empty"
	case !isJSON(res):
		e.Class, e.Message = NotJSON, "the answer is not JSON but "+cmp.Or(res.Header.Get("Content-Type"), "of no type")
	default:
		err := x.decodeBody(body, out)
		if err == nil {
			return nil
		}
		e.Class, e.Message = NotJSON, "the answer cannot be read: "+err.Error()
	}
	return x.newError(e)
}

// canceledError is a call given up because its context ended.
type canceledError struct {
	method, path string
	cause        error
}

func (i *canceledError) Error() string { return i.method + " " + i.path + ": " + i.cause.Error() }
func (i *canceledError) Unwrap() error { return i.cause }

func mediaType(res *http.Response) string {
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return media
}

func isHTML(res *http.Response) bool { return mediaType(res) == "text/html" }

func isJSON(res *http.Response) bool {
	media := mediaType(res)
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// errorMessage is what an error's body says; "" when it cannot be told.
func errorMessage(body []byte) string {
	var f fields
	if json.Unmarshal(body, &f) != nil {
		return ""
	}
	message := cmp.Or(f.text("message"), strings.Join(decodeField[[]string](f, "message"), ", "), f.text("error"))
	return strings.TrimSpace(message)
}
