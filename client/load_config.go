package client

import (
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// LoadConfig returns base with empty fields filled from the sources and then with
// defaults. Earlier sources take precedence. An empty variable counts as unset.
//
// All credentials come from one source, the first that has any. Proxies come only from
// the environment and from files that the user named. The result is not checked.
func LoadConfig(base Config, sources ...Source) Config {
	base.loadCredentials(sources)
	fill := func(field *string, from *Origin, names ...string) {
		for _, name := range names {
			for _, source := range sources {
				if value, origin := source.value(name); *field == "" && strings.TrimSpace(value) != "" {
					*field, *from = strings.TrimSpace(value), origin
				}
			}
		}
	}
	fill(&base.Organization, &base.Origins.Organization, "DAYTONA_ORGANIZATION_ID")
	fill(&base.URL, &base.Origins.URL, "DAYTONA_API_URL", "DAYTONA_SERVER_URL")
	fill(&base.Target, &base.Origins.Target, "DAYTONA_TARGET")
	for _, source := range sources {
		if key, token, origin := source.credentials(); key+token != "" && origin.File == base.Origins.URL.File && origin.File != base.Origins.Credentials.File {
			base.Origins.UnusedCredentials = origin
		}
	}
	base = base.withDefaults()
	base.loadProxy(sources)
	return base
}

// loadCredentials sets the credentials of the first source that has any.
func (c *Config) loadCredentials(sources []Source) {
	if c.Key != "" || c.JWT != "" { // explicit credentials take precedence over all sources
		return
	}
	for _, source := range sources {
		if key, token, origin := source.credentials(); key+token != "" {
			c.Key, c.JWT, c.Origins.Credentials = key, token, origin
			return
		}
	}
}

// credentials returns the credentials in a source and their origin; "" for none.
func (s Source) credentials() (key, token string, from Origin) {
	key, from = s.value("DAYTONA_API_KEY")
	token, fromToken := s.value("DAYTONA_JWT_TOKEN")
	key, token = strings.TrimSpace(key), strings.TrimSpace(token)
	if key == "" {
		from = fromToken
	}
	return key, token, from
}

// loadProxy sets the origin of the proxy for the URL. It sets the proxy too if a file
// decides about it: net/http knows that of the environment.
func (c *Config) loadProxy(sources []Source) {
	origins, explicit := map[string]Origin{}, false
	lookup := func(names ...string) string {
		for _, source := range sources {
			for _, name := range names {
				if value, origin := source.value(name); value != "" && (source.File == "" || source.Explicit) {
					origins[value] = origin
					explicit = explicit || source.Explicit
					return value
				}
			}
		}
		return ""
	}
	proxies := &httpproxy.Config{
		HTTPProxy:  lookup("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: lookup("HTTPS_PROXY", "https_proxy"),
		NoProxy:    lookup("NO_PROXY", "no_proxy"),
		CGI:        lookup("REQUEST_METHOD") != "",
	}
	if explicit {
		c.Proxy = proxies
	}
	address, err := url.Parse(c.URL)
	if err != nil {
		return
	}
	if proxy, err := proxies.ProxyFunc()(address); err != nil || proxy != nil {
		c.Origins.Proxy = origins[proxies.HTTPSProxy]
		if address.Scheme == "http" {
			c.Origins.Proxy = origins[proxies.HTTPProxy]
		}
	}
}
