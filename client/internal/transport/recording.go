package transport

import (
	"net/http"
	"slices"

	"fleet/client/internal/api"
)

// unavailableStatuses are the statuses of a server that cannot answer for now.
var unavailableStatuses = []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// Recording adds each attempt to the request log of its context.
type Recording struct {
	Next   http.RoundTripper // the next link
	Redact api.Redactor      // removes secrets from request ids
}

// RoundTrip implements http.RoundTripper.
func (t Recording) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.Next.RoundTrip(req)
	record(req.Context(), func(log *RequestLog) {
		log.Requests++
		if api.AttemptNumber(req.Context()) > 1 {
			log.Retries++
		}
		if res == nil {
			return
		}
		switch isAPI := api.RouteFromContext(req.Context()).Class.IsAPI(); {
		case !isAPI: // the answer of a sandbox does not describe the state of the server
		case res.StatusCode == http.StatusTooManyRequests:
			log.RateLimited++
		case slices.Contains(unavailableStatuses, res.StatusCode):
			log.Unavailable++
		}
		if id := api.RequestID(res.Header); id != "" {
			ids := append(log.RequestIDs, api.OneLine(t.Redact.Text(id)))
			log.RequestIDs = ids[max(len(ids)-MaxRequestIDs, 0):]
		}
	})
	return res, err
}
