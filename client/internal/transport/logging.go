package transport

import (
	"log/slog"
	"net/http"
	"time"

	"fleet/client/internal/api"
)

// Logging writes a debug line for each attempt. The line never holds headers, a
// query or a body.
type Logging struct {
	Next   http.RoundTripper // the next link
	Log    *slog.Logger      // gets the lines, at level debug
	Redact api.Redactor      // removes secrets from paths and errors
}

// RoundTrip implements http.RoundTripper.
func (t Logging) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	res, err := t.Next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("path", t.Redact.Text(req.URL.EscapedPath())),
		slog.Duration("took", time.Since(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", t.Redact.Text(err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", res.StatusCode))
	}
	t.Log.LogAttrs(req.Context(), slog.LevelDebug, "request", attrs...)
	return res, err
}
