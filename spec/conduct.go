package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// A Share is a part of a number of things: so many, or so many percent. The
// zero Share is none.
type Share struct {
	N       int
	Percent bool
}

func (s Share) String() string {
	if s.Percent {
		return strconv.Itoa(s.N) + "%"
	}
	return strconv.Itoa(s.N)
}

// Up is how many of n the share is at least: fractions count as one.
func (s Share) Up(n int) int {
	if s.Percent {
		return (n*s.N + 99) / 100
	}
	return min(s.N, n)
}

// Down is how many of n the share is at most: fractions do not count.
func (s Share) Down(n int) int {
	if s.Percent {
		return n * s.N / 100
	}
	return min(s.N, n)
}

var shareForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})(%?)$`)

const shareName = "whole number, or percentage such as 10%"

// share is a number of sandboxes, or a percentage of them.
var share = Type{
	Name:   shareName,
	schema: typed("integer", "string").with(matching(`^(100|[1-9]?[0-9])%$`)).with(Schema{"minimum": 0}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.share(n, path)
		return s, ok
	},
	yaml: func(v any) any { return v.(Share).said() },
}

// said is the share as YAML has it.
func (s Share) said() any {
	if s.Percent {
		return s.String()
	}
	return s.N
}

func (d *decoder) share(n *yaml.Node, path string) (Share, bool) {
	n = d.resolve(n)
	if n.Kind == yaml.ScalarNode && !isNull(n) && n.Tag != failedTag {
		if m := shareForm.FindStringSubmatch(n.Value); m != nil && (n.Tag == "!!int" || m[2] != "" || n.Style == fromOutside) {
			v, _ := strconv.Atoi(m[1]) // at most six digits
			s := Share{v, m[2] != ""}
			if s.Percent && v > 100 {
				d.mistake(n, path, "%s is more than all", s)
				return Share{}, false
			}
			return s, true
		}
	}
	d.mistake(n, path, "expected a %s, got %s", shareName, d.describe(n))
	return Share{}, false
}

// shares is a list of them.
var shares = Type{
	Name:   "list of numbers or percentages, such as [1, 10%, 100%]",
	schema: typed("array").with(Schema{"items": share.schema.said()}),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		items, ok := d.sequence(n, path)
		list := make([]Share, 0, len(items))
		for i, item := range items {
			s, good := d.share(item, fmt.Sprintf("%s[%d]", path, i))
			ok = ok && good
			list = append(list, s)
		}
		return list, ok
	},
	format: func(v any) string { return fmt.Sprint(v) },
	yaml: func(v any) any {
		var list []any
		for _, s := range v.([]Share) {
			list = append(list, s.said())
		}
		return list
	},
}

// A Rollout says how what disturbs the sandboxes of a group is carried out.
type Rollout struct {
	MaxUnavailable Share // that may be unusable at once; zero: all
	Canary         Share // that go first, and have to go well; zero: none
	Waves          []Share
	Pause          time.Duration // between waves
	MaxFailures    Share         // of a wave, beyond which it has failed
	OnFailure      string        // [HaltRollout], [ContinueRollout] or [RollBack]
	Surge          bool          // the new one is created before the old one goes
}

// What becomes of a rollout in which too much fails.
const (
	HaltRollout     = "stop"
	ContinueRollout = "continue"
	RollBack        = "rollback"
)

// Rollout is how disturbing changes of the sandbox's group are carried out; nil
// when the spec does not say, and all may change at once.
func (r *Resource) Rollout() *Rollout {
	said := false
	for _, a := range rolloutRows {
		_, ok := r.Attrs[a]
		said = said || ok
	}
	if !said {
		return nil
	}
	o := &Rollout{OnFailure: HaltRollout, Surge: r.Attrs.flag(surgeRow)}
	o.MaxUnavailable, _ = r.Attrs[maxUnavailableRow].(Share)
	o.Canary, _ = r.Attrs[canaryRow].(Share)
	o.Waves, _ = r.Attrs[wavesRow].([]Share)
	o.Pause, _ = r.Attrs[pauseRow].(time.Duration)
	o.MaxFailures, _ = r.Attrs[maxFailuresRow].(Share)
	if s := r.Attrs.text(onFailureRow); s != "" {
		o.OnFailure = s
	}
	return o
}

// A Gate is how it is found out whether a sandbox is ready to be used. What of
// Exec, Port and Log is given has to hold at the same time.
type Gate struct {
	Exec     string         // a command that ends with 0; empty: none
	Port     int            // on which Path is answered with a status below 400; 0: none
	Path     string         // begins with a slash
	Log      *regexp.Regexp // that a line of the logs matches; nil: none
	Interval time.Duration  // between checks
	Timeout  time.Duration  // of one check
	For      time.Duration  // that it has to stay ready
	Retries  int            // how many checks may fail
}

// The zero values of a gate's times and retries stand for these.
const (
	gateInterval = 2 * time.Second
	gateTimeout  = 10 * time.Second
	gateRetries  = 30
)

// Gate is how the sandbox is checked after it was created or started; nil when
// the spec does not say.
func (r *Resource) Gate() *Gate {
	g := &Gate{
		Exec: r.Attrs.text(readyExecRow), Port: r.Attrs.number(readyPortRow), Path: "/",
		Interval: gateInterval, Timeout: gateTimeout, Retries: gateRetries,
	}
	pattern := r.Attrs.text(readyLogRow)
	if g.Exec == "" && g.Port == 0 && pattern == "" {
		return nil
	}
	if pattern != "" {
		g.Log = regexp.MustCompile(pattern) // it was checked
	}
	if p := r.Attrs.text(readyPathRow); p != "" {
		g.Path = p
	}
	if n, ok := r.Attrs[readyRetriesRow].(int); ok {
		g.Retries = n
	}
	r.duration(readyIntervalRow, &g.Interval)
	r.duration(readyTimeoutRow, &g.Timeout)
	r.duration(readyForRow, &g.For)
	return g
}

// duration is a duration that the spec gives; else what is there stays.
func (r *Resource) duration(a *Attribute, into *time.Duration) {
	if d, ok := r.Attrs[a].(time.Duration); ok {
		*into = d
	}
}

// Longest is how long the checks go on before the sandbox has failed, if none
// hangs.
func (g *Gate) Longest() time.Duration {
	return time.Duration(g.Retries+1)*(g.Interval+g.Timeout) + g.For
}

// A Hook is a command of the user's.
type Hook struct {
	Run     string        // for the shell of this machine; empty when Exec is given
	Exec    string        // for the shell of the sandbox
	Timeout time.Duration // after which it is ended, and has failed
}

const hookTimeout = time.Minute

func (h Hook) String() string {
	if h.Exec != "" {
		return "in the sandbox: " + h.Exec
	}
	return h.Run
}

// AfterCreate is what is run after the sandbox was created, and BeforeDestroy
// before it is deleted or replaced; nil is nothing.
func (r *Resource) AfterCreate() *Hook { return r.hook(afterCreateRow) }

// BeforeDestroy is what is run before the sandbox is deleted or replaced.
func (r *Resource) BeforeDestroy() *Hook { return r.hook(beforeDestroyRow) }

func (r *Resource) hook(a *Attribute) *Hook {
	if h, ok := r.Attrs[a].(Hook); ok {
		return &h
	}
	return nil
}

// hookType is a command, of this machine or of the sandbox.
func hookType(inSandbox bool) Type {
	keys := hookKeys
	if !inSandbox {
		keys = localHookKeys
	}
	t := Type{
		Name:   "command, or mapping",
		Keys:   keys,
		schema: typed("string", "object").with(Schema{"properties": object(keys)["properties"], "additionalProperties": false, "anyOf": commands}),
	}
	t.decode = func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.hook(n, path, keys) }
	t.format = func(v any) string { return v.(Hook).String() }
	t.yaml = func(v any) any { return v.(Hook).node() }
	return t
}

// commands are the ways to say the command of a hook that is a mapping.
var commands = []Schema{{"required": []string{"run"}}, {"required": []string{"exec"}}}

func (d *decoder) hook(n *yaml.Node, path string, keys []Key) (any, bool) {
	n = d.resolve(n)
	h := Hook{Timeout: hookTimeout}
	if n.Kind != yaml.MappingNode || isExternal(n) {
		s, ok := d.text(n, path)
		h.Run = s
		return h, ok && d.command(n, path, h)
	}
	entries, ok := d.entries(n, path)
	allowed := names(keys)
	for _, e := range entries {
		at := join(path, e.name)
		good := false
		switch {
		case e.name == "timeout":
			var v any
			if v, good = duration.decode(d, e.value, at); good {
				h.Timeout = v.(time.Duration)
			}
			if wrong := positiveDuration.Wrong(h.Timeout); wrong != "" {
				d.mistake(e.value, at, "%s", wrong)
				good = false
			}
		case e.name == "run":
			h.Run, good = d.text(e.value, at)
		case e.name == "exec" && len(keys) == len(hookKeys):
			h.Exec, good = d.text(e.value, at)
		default:
			d.mistake(e.key, at, "unknown key; a hook has %s", strings.Join(allowed, ", ")).Hint = DidYouMean(e.name, allowed)
		}
		ok = ok && good
	}
	return h, ok && d.command(n, path, h)
}

// command checks that a hook has exactly one command.
func (d *decoder) command(n *yaml.Node, path string, h Hook) bool {
	switch run, exec := strings.TrimSpace(h.Run) != "", strings.TrimSpace(h.Exec) != ""; {
	case run && exec:
		d.mistake(n, path, "run and exec exclude each other").Hint = "run is for this machine, exec for the sandbox"
		return false
	case !run && !exec:
		d.mistake(n, path, "a hook needs a command")
		return false
	}
	return true
}

var localHookKeys = []Key{
	{Name: "run", Type: "text", Doc: "Command for the shell of the machine that fleet runs on.", Example: `run: echo "$FLEET_ADDRESS is there"`, schema: ref("text")},
	{Name: "timeout", Type: duration.Name, Doc: "After this time the command is ended and has failed; 1m by default.", Example: "timeout: 5m", With: `run: echo "$FLEET_ADDRESS is there"`, schema: duration.schema.said()},
}

var hookKeys = append([]Key{
	{Name: "exec", Type: "text", Doc: "Command for the shell of the sandbox, which has to be started.", Example: "exec: make warm", schema: ref("text")},
}, localHookKeys...)
