package emulator

import (
	"maps"
	"net/http"
	"slices"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/world"
)

// keyring holds what the control endpoint set for API keys. It is never written to the
// state file.
type keyring struct {
	revoked     map[string]bool
	permissions map[string][]string
}

func newKeyring() *keyring {
	return &keyring{revoked: map[string]bool{}, permissions: map[string][]string{}}
}

// authenticate returns an error for an unknown key, and for every key after too many
// unknown ones.
func (c *call) authenticate(h http.Header) error {
	s := c.srv
	if err := s.limits.Blocked(c.World, ratelimit.ClassFailedAuth, h); err != nil {
		return err
	}
	if s.accepts(c.key) {
		return nil
	}
	// A refusal has no rate limit headers until there are too many refusals.
	limits := http.Header{}
	if err := s.limits.Count(c.World, ratelimit.ClassFailedAuth, limits); err != nil {
		maps.Copy(h, limits)
		return err
	}
	return world.ErrCredentials
}

// accepts reports whether a key is valid. The caller holds the lock.
func (s *Server) accepts(key string) bool {
	return key != "" && !s.keys.revoked[key] && (s.opts.Key == "" || key == s.opts.Key)
}

// grantedPermissions returns the permissions of the request's key.
func (c *call) grantedPermissions() []string {
	if p, ok := c.srv.keys.permissions[c.key]; ok {
		return p
	}
	if c.Org.Permissions != nil {
		return c.Org.Permissions
	}
	if c.srv.opts.APIVersion == world.Version190 {
		return world.Permissions
	}
	return slices.Concat(world.Permissions, world.NewerPermissions)
}

// hasPermission reports whether the request's key has a permission.
func (c *call) hasPermission(permission string) bool {
	return slices.Contains(c.grantedPermissions(), permission)
}
