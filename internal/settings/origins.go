package settings

import (
	"fmt"
	"strings"

	"fleet/client"
)

// LocalURL stands for the embedded Daytona where a URL is expected.
const LocalURL = "local"

// ConnectionText returns where the settings of a connection come from, for a
// user. address is the URL of the server, or [LocalURL].
func ConnectionText(config client.Config, address string) string {
	if address == LocalURL {
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
