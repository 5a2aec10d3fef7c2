package spec

import (
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// A Hook is a command of the user. Exactly one of Run and Exec is set.
type Hook struct {
	Run     string        // command for the shell of this machine
	Exec    string        // command for the shell of the sandbox
	Timeout time.Duration // longest time; then the command is stopped and has failed
}

const hookTimeout = time.Minute

func (h Hook) String() string {
	if h.Exec != "" {
		return "in the sandbox: " + h.Exec
	}
	return h.Run
}

// AfterCreate returns the hook to run after the sandbox was created; nil for none.
func (r *Resource) AfterCreate() *Hook { return r.hook(afterCreateRow) }

// BeforeDestroy returns the hook to run before the sandbox is deleted or replaced; nil
// for none.
func (r *Resource) BeforeDestroy() *Hook { return r.hook(beforeDestroyRow) }

func (r *Resource) hook(a *Attribute) *Hook {
	if h, ok := r.attrs.get(a).(Hook); ok {
		return &h
	}
	return nil
}

// hookType is a command for this machine or, if inSandbox is true, also for the sandbox.
func hookType(inSandbox bool) Type {
	keys := hookKeys
	if !inSandbox {
		keys = localHookKeys
	}
	t := Type{
		Name:   "command, or mapping",
		zero:   Hook{},
		Keys:   keys,
		Schema: jsonschema.Typed("string", "object").With(jsonschema.Schema{"properties": KeysSchema(keys)["properties"], "additionalProperties": false, "anyOf": commands}),
	}
	t.decode = func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.hook(n, path, keys) }
	t.format = func(v any) string { return v.(Hook).String() }
	t.yaml = func(v any) any { return v.(Hook).node() }
	return t
}

// commands requires that a hook that is a mapping has a command.
var commands = []jsonschema.Schema{{"required": []string{"run"}}, {"required": []string{"exec"}}}

func (d *decoder) hook(n *yaml.Node, path string, keys []Key) (any, bool) {
	n = d.Resolve(n)
	h := Hook{Timeout: hookTimeout}
	if n.Kind != yaml.MappingNode || decode.IsValueFrom(n) {
		s, ok := d.Text(n, path)
		h.Run = s
		return h, ok && d.checkHookCommand(n, path, h)
	}
	entries, ok := d.Entries(n, path)
	allowed := names(keys)
	for _, e := range entries {
		at := yamldoc.Join(path, e.Name)
		good := false
		switch {
		case e.Name == "timeout":
			var v any
			if v, good = duration.decode(d, e.Value, at); good {
				h.Timeout = v.(time.Duration)
			}
			if wrong := positiveDuration.Problem(h.Timeout); wrong != "" {
				d.Errorf(e.Value, at, "%s", wrong)
				good = false
			}
		case e.Name == "run":
			h.Run, good = d.Text(e.Value, at)
		case e.Name == "exec" && len(keys) == len(hookKeys):
			h.Exec, good = d.Text(e.Value, at)
		default:
			d.Errorf(e.Key, at, "unknown key; a hook has %s", strings.Join(allowed, ", ")).Hint = suggest.DidYouMean(e.Name, allowed)
		}
		ok = ok && good
	}
	return h, ok && d.checkHookCommand(n, path, h)
}

// checkHookCommand checks that a hook has exactly one command.
func (d *decoder) checkHookCommand(n *yaml.Node, path string, h Hook) bool {
	switch run, exec := strings.TrimSpace(h.Run) != "", strings.TrimSpace(h.Exec) != ""; {
	case run && exec:
		d.Errorf(n, path, "run and exec exclude each other").Hint = "run is for this machine, exec for the sandbox"
		return false
	case !run && !exec:
		d.Errorf(n, path, "a hook needs a command")
		return false
	}
	return true
}

var localHookKeys = []Key{
	{Name: "run", Type: "text", Doc: "Command for the shell of this machine.", Example: `run: echo "$FLEET_ADDRESS is there"`, schema: jsonschema.Ref("text")},
	{Name: "timeout", Type: duration.Name, Doc: "Longest time of the command, after which it is stopped and has failed; 1m by default.", Example: "timeout: 5m", With: `run: echo "$FLEET_ADDRESS is there"`, schema: duration.Schema.OrExpression()},
}

var hookKeys = append([]Key{
	{Name: "exec", Type: "text", Doc: "Command for the shell of the sandbox, which must be started.", Example: "exec: make warm", schema: jsonschema.Ref("text")},
}, localHookKeys...)
