// Package fleetobject writes the Kubernetes object that declares a fleet, from the spec and
// the values that the command line reads. It knows Kubernetes only as YAML.
package fleetobject

import (
	"errors"
	"fmt"
	"regexp"

	"fleet/internal/exit"
	"fleet/spec"
)

// Options are what an object is made from. Paths must not be empty.
type Options struct {
	Spec  spec.Options // for reading the spec; its Run and Decrypt are not used
	Paths []string     // files and directories of the spec

	Namespace string // of the object; empty leaves it to kubectl
	Mode      string // of the operator; empty leaves its default
	URL       string // of the server; empty for the hosted service
	Target    string // default region; empty leaves it to the organisation
}

// A Result is the object, with the ConfigMaps that it needs.
type Result struct {
	Text     []byte   // YAML documents for kubectl apply
	Fleet    string   // its name
	Commands []string // that create the Secrets it needs, for a shell; they hold no values
	Inline   bool     // the spec is in the object, and not in ConfigMaps
	Warnings []string
}

// Export returns the object of a fleet. Read as the operator reads it, it is the fleet that
// the command line reads. Secret values are never part of it. The error states what the
// operator cannot do.
func Export(o Options) (*Result, error) {
	r, err := read(o)
	if err != nil {
		return nil, err
	}
	if err := r.refuse(); err != nil {
		return nil, err
	}
	form, reason := r.inline()
	if reason != nil {
		if form, err = r.configMaps(); err != nil {
			return nil, err
		}
	}
	text, err := r.write(form)
	if err != nil {
		return nil, err
	}
	if err := r.checkSecrets(text); err != nil {
		return nil, err
	}
	return &Result{Text: text, Fleet: r.fleet.Name, Commands: r.commands(), Inline: reason == nil, Warnings: reasons(reason)}, nil
}

// reasons returns why the spec is not in the object, if there is something to know.
func reasons(err error) []string {
	if err == nil || errors.Is(err, errSeveralFiles) {
		return nil
	}
	return []string{fmt.Sprintf("The spec is written as a ConfigMap: %v.", err)}
}

// noName matches what the name of an object must not have.
var noName = regexp.MustCompile(`[^a-z0-9]+`)

// name returns the name of the object.
func (r *reading) name() string { return noName.ReplaceAllString(r.fleet.Name, "-") }

// checkSecrets refuses a text with a secret value.
func (r *reading) checkSecrets(text []byte) error {
	if r.fleet.RedactSensitive(string(text)) == string(text) {
		return nil
	}
	return exit.Invalidf("the spec holds a sensitive value, which everyone who may read the object would see; remove it from the spec, and give it with --var or $FLEET_VAR_NAME: the object then refers to a Secret")
}
