// Package client is the Daytona API as Go: requests, lists as iterators, typed
// errors, retries and pacing against the rate limits. Into sandboxes it reaches as
// far as running commands, asking ports and reading logs.
//
// It knows nothing of fleets. Names and ids are escaped here and nowhere else;
// an answer's status decides whether a call failed and its body only explains;
// of a cancelled call the context's error is told. Neither the API key nor the
// token ever appears in an error or a log line.
package client
