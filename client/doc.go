// Package client is the Daytona API as Go: requests, lists as iterators, typed
// errors, retries, and pacing against the rate limits. It also reaches into
// sandboxes, as far as running commands, probing ports and reading logs.
//
// It knows nothing of fleets. Names and ids are escaped here and nowhere else. The
// status of a response decides whether a call failed; its body only explains why. The
// error of a canceled call wraps the error of its context. The API key and the token
// never appear in an error or a log line.
//
// This package holds the resources, the errors and the configuration. What happens to
// a request on its way is in internal/transport, one round tripper for each concern.
package client
