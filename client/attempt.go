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
	"unicode"
)

// attempt is a call that was sent: it turns what came of it into an error.
type attempt struct {
	Route
	req    *http.Request
	config Config
	redact redactor
}

// newError fills an error with what is the same for all; every text in it that is
// not ours goes through here.
func (a attempt) newError(e Error) *Error {
	e.Method, e.Path = a.req.Method, a.path()
	e.Hint = a.hint(e)
	e.Message = oneLine(a.redact.text(e.Message))
	e.RequestID = oneLine(a.redact.text(e.RequestID))
	e.cause = a.redact.err(e.cause)
	if isContextError(e.cause) { // a timeout of the network passes for one of the caller's context
		e.cause = nil
	}
	return &e
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// path is the request's, below the base URL.
func (a attempt) path() string {
	base, _ := url.Parse(a.config.URL)
	return a.redact.text(strings.TrimPrefix(a.req.URL.EscapedPath(), base.EscapedPath()))
}

// transportError is the error of a call without an answer: the context's own, if
// that is why.
func (a attempt) transportError(err error) error {
	if done := a.req.Context().Err(); done != nil {
		return &canceledError{a.req.Method, a.path(), done}
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // the outer text repeats the URL
	}
	class := Unreachable
	if errors.Is(err, errTooLarge) {
		class = NotJSON
	}
	return a.newError(Error{Class: class, Message: err.Error(), cause: err})
}

// responseError is the error of an answer that is no success. The status decides,
// the body explains.
func (a attempt) responseError(res *http.Response, body []byte) error {
	wait, _ := retryAfter(res.Header, time.Now())
	e := Error{Status: res.StatusCode, RetryAfter: wait, RequestID: requestID(res.Header)}
	message := ""
	if isJSON(res) {
		message = errorMessage(body)
	}
	e.Class = classify(res.StatusCode, message)
	e.Message = cmp.Or(message, strings.ToLower(http.StatusText(res.StatusCode)), "unknown status")
	switch {
	case e.Class == Forbidden && accessDenied.MatchString(message):
		e.Permission = a.Route.Permission
	case e.Class == RateLimited:
		e.RateClass = rateLimitedClass(res.Header, a.Class)
	case res.StatusCode < 400:
		e.Message = "redirected to " + res.Header.Get("Location")
	case res.StatusCode < 500 && isHTML(res):
		e.Class = NotDaytona
		e.Message = "a web page answered, not the API"
	}
	return a.newError(e)
}

// decodeResponse reads the answer of a success. A web page is never one, even where
// nothing is to be read.
func (a attempt) decodeResponse(res *http.Response, body []byte, out any) error {
	e := Error{Status: res.StatusCode, RequestID: requestID(res.Header)}
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
		err := a.decodeBody(body, out)
		if err == nil {
			return nil
		}
		e.Class, e.Message = NotJSON, "the answer cannot be read: "+err.Error()
	}
	return a.newError(e)
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

func requestID(h http.Header) string { return cmp.Or(h.Get("X-Request-Id"), h.Get("Cf-Ray")) }

// maxMessage keeps an error a text: a server may say 64 KiB.
const maxMessage = 2000

// oneLine is one line of bounded length, without what a terminal would obey.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "..."
}
