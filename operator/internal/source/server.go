package source

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"fleet/client"
	"fleet/operator/api/v1alpha1"
)

// DefaultKey is the key of a Secret that holds the API key if the object names none.
const DefaultKey = "apiKey"

// config returns the server and the credentials.
func (l *Loader) config(r *reading, f *v1alpha1.Fleet) (client.Config, error) {
	server := f.Spec.Server
	address := normalAddress(cmp.Or(server.URL, client.DefaultURL))
	if !l.Rules.AllowsServer(f.Namespace, address) {
		return client.Config{}, problem(v1alpha1.ReasonNotAllowed, "the rules of the operator do not let namespace %s use the server in spec.server.url; ask the administrator of the operator", f.Namespace)
	}
	ref := v1alpha1.KeyRef{Name: server.Credentials.Secret, Key: cmp.Or(server.Credentials.Key, DefaultKey)}
	key, err := r.secretKey(ref, "spec.server.credentials")
	if err != nil {
		return client.Config{}, err
	}
	config := client.Config{URL: address, Key: strings.TrimSpace(key), Target: server.Target}
	config.Origins.URL.Name = "spec.server.url"
	config.Origins.Credentials.Name = fmt.Sprintf("the key %q of Secret %s", ref.Key, ref.Name)
	return config, checkConfig(config)
}

// checkConfig returns a Problem for a configuration that no request can be sent with. What
// the client suggests for flags and variables of a command line is replaced.
func checkConfig(config client.Config) error {
	invalid := func(format string, args ...any) error {
		return problem(v1alpha1.ReasonInvalidServer, "spec.server: "+format, args...)
	}
	err := config.Check()
	if err == nil {
		return nil
	}
	if config.Key == "" {
		return invalid("%s, which spec.server.credentials names, is empty; put an API key of Daytona into it", config.Origins.Credentials.Name)
	}
	u, parseErr := url.Parse(config.URL)
	if parseErr == nil && u.User != nil {
		return invalid("spec.server.url must not contain a user or a password; put an API key into the Secret that spec.server.credentials names")
	}
	secure := config
	secure.InsecureHTTP = true
	if secure.Check() == nil {
		return invalid("spec.server.url is plain http to %q: others on the network could read the key; use https://, in the cluster too", u.Hostname())
	}
	return invalid("%v", err)
}
