// Package localserver shares the embedded Daytona of one state file between commands.
// The first command serves it. Later ones forward their requests to the first, and one
// of them takes over when it ends: each answered request is in the state file by then.
package localserver
