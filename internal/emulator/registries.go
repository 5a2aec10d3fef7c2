package emulator

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"fleet/internal/emulator/world"
)

// maxRegistries is the number of registries that an organisation may have.
const maxRegistries = 100

func (c *call) listRegistries() (reply, error) {
	return reply{status: success, body: append([]*world.Registry{}, c.SortedRegistries()...)}, nil
}

// createRegistry stores no password. Several registries may have one name.
func (c *call) createRegistry() (reply, error) {
	r, err := c.registryInput(true)
	switch {
	case err != nil:
		return reply{}, err
	case len(c.Registries) >= maxRegistries:
		return reply{}, world.BadRequest("You have reached the maximum number of registries")
	}
	r.ID, r.Type, r.CreatedAt, r.UpdatedAt = uuid.NewString(), "organization", c.Now, c.Now
	c.Registries[r.ID] = &r
	c.MarkDirty(world.KindRegistry, r.ID)
	return reply{status: http.StatusCreated, body: &r}, nil
}

// registryInput reads a registry from the body.
func (c *call) registryInput(passwordRequired bool) (world.Registry, error) {
	in := &c.input
	var texts [3]string
	for i, key := range []string{"name", "url", "username"} {
		value := in.Text(key)
		if texts[i] = world.ValueOr(value, ""); value == nil {
			in.AddProblem("%s must be a string", key)
		}
	}
	if in.Text("password") == nil && passwordRequired {
		in.AddProblem("password must be a string")
	}
	r := world.Registry{Name: texts[0], URL: normalizedURL(texts[1]), Username: texts[2], Project: world.ValueOr(in.Text("project"), "")}
	return r, in.Err()
}

// normalizedURL returns the address of a registry as the server stores it.
func normalizedURL(address string) string {
	address = strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
	return strings.ToLower(address)
}

// pathRegistry returns the registry in the path, or a 404.
func (c *call) pathRegistry() (*world.Registry, error) {
	r := c.Registries[c.vars["id"]]
	if r == nil {
		return nil, world.NotFound("Docker registry with ID %s not found", c.vars["id"])
	}
	return r, nil
}

func (c *call) getRegistry() (reply, error) {
	r, err := c.pathRegistry()
	return reply{status: success, body: r}, err
}

func (c *call) updateRegistry() (reply, error) {
	r, err := c.pathRegistry()
	if err != nil {
		return reply{}, err
	}
	changed, err := c.registryInput(false)
	if err != nil {
		return reply{}, err
	}
	changed.ID, changed.Type, changed.CreatedAt, changed.UpdatedAt = r.ID, r.Type, r.CreatedAt, c.Now
	if !c.input.Has("project") {
		changed.Project = r.Project
	}
	c.Registries[r.ID] = &changed
	c.MarkDirty(world.KindRegistry, r.ID)
	return reply{status: success, body: &changed}, nil
}

func (c *call) deleteRegistry() (reply, error) {
	r, err := c.pathRegistry()
	if err != nil {
		return reply{}, err
	}
	delete(c.Registries, r.ID)
	c.MarkDirty(world.KindRegistry, r.ID)
	return reply{status: http.StatusNoContent}, nil
}
