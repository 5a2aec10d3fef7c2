package world

import (
	"net/netip"
	"regexp"
	"strings"
)

const maxNetworkEntries = 10

var domainName = regexp.MustCompile(`^(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}$`)

// CheckNetworks returns an error if list is not a comma-separated list of IPv4
// networks. Empty entries are skipped, but count towards the maximum.
func CheckNetworks(list string) error {
	entries := strings.Split(list, ",")
	if len(entries) > maxNetworkEntries {
		return BadRequest("Network allow list cannot contain more than %d networks", maxNetworkEntries)
	}
	for _, e := range entries {
		e = strings.TrimSpace(e)
		if e == "" {
			continue
		}
		p, err := netip.ParsePrefix(e)
		if err != nil || !p.Addr().Is4() {
			return BadRequest("Invalid network: %q. Must be a valid IPv4 CIDR with a prefix", e)
		}
	}
	return nil
}

// CheckDomains returns an error if list is not a comma-separated list of domain names.
func CheckDomains(list string) error {
	entries := strings.Split(list, ",")
	if len(entries) > maxNetworkEntries {
		return BadRequest("Domain allow list cannot contain more than %d domains", maxNetworkEntries)
	}
	for _, e := range entries {
		e = strings.TrimSpace(e)
		if e != "" && !domainName.MatchString(e) {
			return BadRequest(`Invalid domain: "%s". Must be a valid domain name`, e)
		}
	}
	return nil
}
