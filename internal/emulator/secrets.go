package emulator

import (
	"net/http"
	"regexp"
	"strings"

	"fleet/internal/emulator/world"

	"fleet/internal/emulator/request"

	"github.com/google/uuid"
)

var secretName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_-]*$`)

func (c *call) listSecrets() (reply, error) {
	return reply{status: success, body: append([]*world.Secret{}, c.SortedSecrets()...)}, nil
}

// listSecretsByPage returns all secrets on one page.
func (c *call) listSecretsByPage() (reply, error) {
	items := []*world.Secret{}
	part := strings.ToLower(request.First(c.query["name"]))
	for _, s := range c.SortedSecrets() {
		if strings.Contains(strings.ToLower(s.Name), part) {
			items = append(items, s)
		}
	}
	return reply{status: success, body: map[string]any{"items": items, "total": len(items), "nextCursor": nil}}, nil
}

// createSecret validates the value and does not store it.
func (c *call) createSecret() (reply, error) {
	in := &c.input
	name, value := in.Name(true), in.Text("value")
	if in.Has("name") && len(in.Problems) == 0 && !secretName.MatchString(name) {
		in.AddProblem("name must match %s regular expression", secretName)
	}
	if value == nil {
		in.AddProblem("value must be a string")
	}
	description, hosts := world.ValueOr(in.Text("description"), ""), in.List("hosts")
	if err := in.Err(); err != nil {
		return reply{}, err
	}
	if c.SecretByName(name) != nil {
		return reply{}, world.Conflict("Secret with name %s already exists", name)
	}
	id := uuid.NewString()
	s := &world.Secret{
		ID: id, Name: name, Description: description, Hosts: texts(hosts),
		Placeholder: "dtn_secret_" + world.DigestOf(id)[:32], CreatedAt: c.Now, UpdatedAt: c.Now,
	}
	c.Secrets[id] = s
	c.MarkDirty(world.KindSecret, id)
	return reply{status: http.StatusCreated, body: s}, nil
}

// texts returns the texts in a list.
func texts(list []any) []string {
	out := []string{}
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// pathSecret returns the secret in the path, or a 404.
func (c *call) pathSecret() (*world.Secret, error) {
	s := c.Secrets[c.vars["id"]]
	if s == nil {
		return nil, world.NotFound("Secret with ID %s not found", c.vars["id"])
	}
	return s, nil
}

func (c *call) getSecret() (reply, error) {
	s, err := c.pathSecret()
	return reply{status: success, body: s}, err
}

func (c *call) updateSecret() (reply, error) {
	s, err := c.pathSecret()
	if err != nil {
		return reply{}, err
	}
	in := &c.input
	in.Text("value")
	description, hosts := in.Text("description"), in.List("hosts")
	if err := in.Err(); err != nil {
		return reply{}, err
	}
	changed := *s
	changed.Description = world.ValueOr(description, s.Description)
	if in.Has("hosts") {
		changed.Hosts = texts(hosts)
	}
	changed.UpdatedAt = c.Now
	c.Secrets[s.ID] = &changed
	c.MarkDirty(world.KindSecret, s.ID)
	return reply{status: success, body: &changed}, nil
}

func (c *call) deleteSecret() (reply, error) {
	s, err := c.pathSecret()
	if err != nil {
		return reply{}, err
	}
	delete(c.Secrets, s.ID)
	c.MarkDirty(world.KindSecret, s.ID)
	return reply{status: http.StatusNoContent}, nil
}
