// Package session reconciles one fleet with the packages that the command fleet uses: it
// plans, decides with the policy of a watch what may be changed, and applies it.
package session
