// Package organization holds what the fleets of one organisation of a server share: a
// client with its rate limits, one listing, and one connection for the platform's events.
package organization
