package cli

import (
	"fmt"
	"strings"

	"fleet/client"
)

// originsText says where the settings of a connection come from.
func originsText(config client.Config, address string) string {
	if address == localURL {
		return "the embedded Daytona"
	}
	url := config.URL + " by default"
	if config.Origins.URL.Name != "" {
		url = fmt.Sprintf("%s from %s", config.URL, config.Origins.URL)
	}
	list := []string{url}
	for _, s := range []struct {
		what string
		from client.Origin
	}{
		{"credentials", config.Origins.Credentials},
		{"organisation", config.Origins.Organization},
		{"region", config.Origins.Target},
		{"proxy", config.Origins.Proxy},
	} {
		if s.from.Name != "" {
			list = append(list, fmt.Sprintf("%s from %s", s.what, s.from))
		}
	}
	return strings.Join(list, ", ")
}

// logOrigins says it to those who want to read of each request.
func (a *app) logOrigins(config client.Config, address string) {
	if a.verbose {
		a.note("Connecting to %s.", originsText(config, address))
	}
}
