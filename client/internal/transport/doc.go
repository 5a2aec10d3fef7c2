// Package transport is the chain of round trippers between a client and the network.
// Each wraps the next one and does one thing: it adds credentials, repeats attempts,
// paces requests, records or logs them, reads the server's clock, or bounds the time
// and size of an attempt. The client puts the chain together.
//
// The chain works on requests whose context carries an api.Call. It knows nothing of
// resources, and turns no response into an error.
package transport
