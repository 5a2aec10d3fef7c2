package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// registriesOf returns an address that uses an image of each registry that Daytona has to
// know, by the host of the registry.
func registriesOf(f *spec.Fleet) map[string]spec.Address {
	hosts := map[string]spec.Address{}
	for _, b := range f.BaseImages() {
		if _, listed := hosts[b.Registry()]; !listed && b.NeedsRegistry() {
			hosts[b.Registry()] = b.Address
		}
	}
	return hosts
}

// registries checks that Daytona knows the registries of private images. There is no
// check if all images are in well-known public registries.
func (d *diagnosis) registries() {
	users := registriesOf(d.fleet)
	hosts := slices.Sorted(maps.Keys(users))
	if len(hosts) == 0 {
		return
	}
	if d.observed.RegistriesErr != nil {
		d.add("registries", Unknown, "see Registries in the Daytona dashboard", "whether Daytona knows %s cannot be read with these credentials", plan.JoinAnd(hosts))
		return
	}
	var missing []string
	for _, host := range hosts {
		if !slices.ContainsFunc(d.observed.Registries, func(r client.Registry) bool { return r.Host() == host }) {
			missing = append(missing, fmt.Sprintf("%s (%s)", host, users[host]))
		}
	}
	if len(missing) > 0 {
		d.add("registries", Finding, "add them in the Daytona dashboard under Registries, or builds and pulls fail unless they are public", "Daytona does not know %s", strings.Join(missing, ", "))
		return
	}
	d.add("registries", OK, "", "Daytona knows %s", plan.JoinAnd(hosts))
}
