package emulator

import (
	"slices"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/world"
)

func (c *call) config() (reply, error) {
	limits := map[string]world.RateLimit{}
	for field, class := range map[string]string{
		"failedAuth": ratelimit.ClassFailedAuth, "authenticated": ratelimit.ClassAuthenticated,
		"sandboxCreate": ratelimit.ClassCreate, "sandboxLifecycle": ratelimit.ClassLifecycle, "sandboxList": ratelimit.ClassList,
	} {
		if class == ratelimit.ClassList && c.srv.opts.APIVersion == world.Version190 {
			continue
		}
		_, l, _ := ratelimit.LimitOf(&c.Org, class)
		limits[field] = l
	}
	body := map[string]any{
		"version":       c.srv.opts.APIVersion,
		"oidc":          map[string]string{"issuer": "http://localhost:5556/dex", "clientId": "daytona", "audience": "daytona"},
		"announcements": map[string]any{}, "linkedAccountsEnabled": false, "environment": "emulator",
		"proxyTemplateUrl": c.origin + previewPrefix + "{{PORT}}-{{sandboxId}}", "proxyToolboxUrl": c.srv.toolboxProxy(),
		"defaultSnapshot": world.DefaultSnapshot, "dashboardUrl": world.DashboardURL, "maxAutoArchiveInterval": world.MaxAutoArchive,
		"maintananceMode": false, "rateLimit": limits,
	}
	if c.Org.UntoldLimits {
		delete(body, "rateLimit")
	}
	return reply{status: success, body: body}, nil
}

func (c *call) health() (reply, error) { return reply{status: success}, nil }

func (c *call) currentKey() (reply, error) {
	return reply{status: success, body: map[string]any{
		"name": "emulator", "value": mask(c.key), "createdAt": world.InstalledAt, "permissions": c.grantedPermissions(),
		"lastUsedAt": nil, "expiresAt": nil, "userId": "emulator",
	}}, nil
}

// mask hides a key, except for the ends of a long one.
func mask(key string) string {
	const stars = "********************"
	if len(key) < 12 {
		return stars
	}
	return key[:3] + stars + key[len(key)-3:]
}

func (c *call) listRegions() (reply, error) {
	return reply{status: success, body: c.AllowedRegions()}, nil
}

func (c *call) getRegion() (reply, error) {
	list := c.AllowedRegions()
	i := slices.IndexFunc(list, func(r world.Region) bool { return r.ID == c.vars["id"] })
	if i < 0 {
		return reply{}, world.ErrRegion
	}
	return reply{status: success, body: list[i]}, nil
}
