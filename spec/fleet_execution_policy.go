package spec

import (
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// Hooks are the user's commands around a whole run; nil means none.
type Hooks struct{ BeforeApply, AfterApply *Hook }

// Parallelism limits simultaneous operations, in addition to the limits that fleet
// finds by measuring. Zero means no limit.
type Parallelism struct {
	Max         int            // steps in total
	Kinds       map[Kind]int   // steps for resources of a kind
	Builds      int            // image builds
	Regions     map[string]int // sandbox steps in a region, by name or id as in the spec
	PerSnapshot map[string]int // sandboxes being created from a snapshot, by its key or name
}

var (
	localHook   = hookType(false)
	stepCount   = wholeNumber("steps")
	atLeastOne  = between(1, 1000)
	countSchema = stepCount.Schema.With(atLeastOne.Schema).OrExpression()
)

var topHookKeys = []Key{
	{
		Name: "before_apply", Type: localHook.Name, Keys: localHookKeys, schema: localHook.Schema.OrExpression(),
		Doc:     "Command to run on this machine after a plan was approved and before anything is sent. If it fails, nothing is sent.",
		Example: `before_apply: echo "fleet $FLEET_NAME begins"`,
	},
	{
		Name: "after_apply", Type: localHook.Name, Keys: localHookKeys, schema: localHook.Schema.OrExpression(),
		Doc:     "Command to run on this machine at the end of an apply, successful or not: $FLEET_OUTCOME is done, partly, failed or interrupted.",
		Example: `after_apply: {run: "echo $FLEET_OUTCOME", timeout: 5m}`,
	},
}

var parallelismKeys = []Key{
	{Name: "max", Type: stepCount.Name, Doc: "Most operations that send requests at the same time.", Example: "max: 50", schema: countSchema},
	{Name: "sandboxes", Type: stepCount.Name, Doc: "Most sandbox steps at the same time.", Example: "sandboxes: 40", schema: countSchema},
	{Name: "snapshots", Type: stepCount.Name, Doc: "Most snapshot steps at the same time.", Example: "snapshots: 4", schema: countSchema},
	{Name: "volumes", Type: stepCount.Name, Doc: "Most volume steps at the same time.", Example: "volumes: 4", schema: countSchema},
	{Name: "builds", Type: stepCount.Name, Doc: "Most image builds at the same time, for snapshots and sandboxes.", Example: "builds: 2", schema: countSchema},
	{Name: "regions", Type: "mapping of regions to numbers", Doc: "Most sandbox steps at the same time in a region.", Example: "regions: {eu: 10}", schema: jsonschema.MapOf(`\S`, countSchema).OrExpression()},
	{
		Name: "per_snapshot", Type: "mapping of snapshots to numbers", Doc: "Most sandboxes created at the same time from a snapshot, given by key or name.",
		Example: "per_snapshot: {base: 20}", schema: jsonschema.MapOf(`\S`, countSchema).OrExpression(),
	},
}

// timeoutKeys returns the keys of the fleet's own timeouts.
func timeoutKeys() []Key {
	var keys []Key
	for _, e := range sandboxTimeoutClasses {
		a := timeoutRows[e]
		keys = append(keys, Key{
			Name: string(e), Type: a.Type.Name, Doc: a.Doc, Example: string(e) + ": 10m",
			schema: a.Type.Schema.With(a.Check.Schema).OrExpression(),
		})
	}
	return keys
}

// readTimeouts reads the fleet's own timeouts. The defaults of each kind take
// precedence.
func (l *loader) readTimeouts(p part, e decode.Entry) {
	b := block{}
	p.d.readInto(b, e.Value, sandboxTable, "timeouts.", e.Name)
	l.timeouts = b.overlay(l.timeouts)
}

// applyTimeouts lays the defaults of each kind over the timeouts of the fleet.
func (l *loader) applyTimeouts() {
	for kind, t := range Tables {
		own := block{}
		for _, a := range t {
			if v, ok := l.timeouts[a]; ok && !v.isNull {
				own[a] = v
			}
		}
		if len(own) > 0 {
			l.defaults[kind] = l.defaults[kind].overlay(own)
		}
	}
}

// defaultTimeouts returns the timeouts of objects without a block, by kind.
func (l *loader) defaultTimeouts() map[Kind]*Resource {
	defaults := map[Kind]*Resource{}
	for kind := range Tables {
		r := &Resource{Address: Address{Kind: kind}, attrs: attributes{}}
		for a, v := range l.defaults[kind] {
			if a == timeoutRow || timeoutRows[TimeoutClass(strings.TrimPrefix(a.Key, "timeouts."))] == a {
				r.attrs.set(a, v.value)
			}
		}
		defaults[kind] = r
	}
	return defaults
}

// readHooks reads the hooks around a run.
func (l *loader) readHooks(p part, e decode.Entry) {
	entries, _ := p.d.Entries(e.Value, e.Name)
	allowed := names(topHookKeys)
	for _, e := range entries {
		at := "hooks." + e.Name
		if !slices.Contains(allowed, e.Name) {
			m := p.d.Errorf(e.Key, at, "unknown key; hooks has %s", strings.Join(allowed, ", "))
			if m.Hint = suggest.DidYouMean(e.Name, allowed); e.Name == "after_create" || e.Name == "before_destroy" {
				m.Hint = "this hook belongs to sandboxes; set it under hooks in their blocks, or in defaults"
			}
			continue
		}
		into := &l.hooks.BeforeApply
		if e.Name == "after_apply" {
			into = &l.hooks.AfterApply
		}
		if yamldoc.IsNull(yamldoc.FollowAlias(e.Value)) {
			*into = nil
			continue
		}
		missing := p.d.WithDeferral(true, func() {
			if v, ok := p.d.hook(e.Value, at, localHookKeys); ok {
				h := v.(Hook)
				*into = &h
			}
		})
		l.unsetInHooks = append(l.unsetInHooks, l.RecordUnset(missing)...)
	}
}

// readParallelism reads the limits for simultaneous operations.
func (l *loader) readParallelism(p part, e decode.Entry) {
	d, c := p.d, &l.parallelism
	entries, _ := d.Entries(e.Value, e.Name)
	allowed := names(parallelismKeys)
	for _, e := range entries {
		at := "parallelism." + e.Name
		kind := sections[e.Name]
		switch {
		case !slices.Contains(allowed, e.Name):
			d.Errorf(e.Key, at, "unknown key; parallelism has %s", strings.Join(allowed, ", ")).Hint = suggest.DidYouMean(e.Name, allowed)
		case e.Name == "regions":
			c.Regions = d.bounds(e.Value, at, c.Regions)
		case e.Name == "per_snapshot":
			c.PerSnapshot = d.bounds(e.Value, at, c.PerSnapshot)
		case kind != "":
			if n, ok := d.bound(e.Value, at); ok {
				c.Kinds = maps.Clone(c.Kinds)
				if c.Kinds == nil {
					c.Kinds = map[Kind]int{}
				}
				c.Kinds[kind] = n
			}
		case e.Name == "max":
			c.Max, _ = d.bound(e.Value, at)
		default:
			c.Builds, _ = d.bound(e.Value, at)
		}
	}
}

// bound reads a number of steps.
func (d *decoder) bound(n *yaml.Node, at string) (int, bool) {
	v, ok := d.WholeNumber(n, at, "steps")
	if !ok {
		return 0, false
	}
	if wrong := atLeastOne.Problem(v); wrong != "" {
		d.Errorf(n, at, "%s", wrong)
		return 0, false
	}
	return v.(int), true
}

// bounds reads a mapping to numbers of steps and merges it into a copy of below.
func (d *decoder) bounds(n *yaml.Node, at string, below map[string]int) map[string]int {
	m := maps.Clone(below)
	if m == nil {
		m = map[string]int{}
	}
	entries, _ := d.Entries(n, at)
	for _, e := range entries {
		if v, ok := d.bound(e.Value, yamldoc.Join(at, e.Name)); ok {
			m[e.Name] = v
		}
	}
	return m
}

// node returns the limits as YAML.
func (c Parallelism) node() *yaml.Node {
	m := yamldoc.NewMapping()
	put := func(key string, n int) {
		if n > 0 {
			yamldoc.Put(m, key, yamldoc.NodeOf(n))
		}
	}
	put("max", c.Max)
	for _, kind := range slices.Backward(ObjectKinds) {
		put(kind.Section(), c.Kinds[kind])
	}
	put("builds", c.Builds)
	putBounds(m, "regions", c.Regions)
	putBounds(m, "per_snapshot", c.PerSnapshot)
	return m
}

func putBounds(m *yaml.Node, key string, bounds map[string]int) {
	if len(bounds) == 0 {
		return
	}
	below := yamldoc.NewMapping()
	for _, name := range slices.Sorted(maps.Keys(bounds)) {
		yamldoc.Put(below, name, yamldoc.NodeOf(bounds[name]))
	}
	yamldoc.Put(m, key, below)
}

// node returns the hooks as YAML.
func (h Hooks) node() *yaml.Node {
	m := yamldoc.NewMapping()
	if h.BeforeApply != nil {
		yamldoc.Put(m, "before_apply", h.BeforeApply.node())
	}
	if h.AfterApply != nil {
		yamldoc.Put(m, "after_apply", h.AfterApply.node())
	}
	return m
}

func (h Hook) node() *yaml.Node {
	key, command := "run", h.Run
	if h.Exec != "" {
		key, command = "exec", h.Exec
	}
	return yamldoc.FlowMapping(key, command, "timeout", duration.yamlValue(h.Timeout))
}

// Timeout returns the longest time of a class of changes for an object that the spec
// no longer declares; 0 if the spec sets none.
func (f *Fleet) Timeout(k Kind, e TimeoutClass) time.Duration {
	if r := f.defaultTimeouts[k]; r != nil {
		return r.TimeoutFor(e)
	}
	return 0
}

// TimeoutFor returns the longest time of a class of changes; 0 if the spec sets
// none, so that only Timeout limits it.
func (r *Resource) TimeoutFor(e TimeoutClass) time.Duration {
	d, _ := r.attrs.get(timeoutRows[e]).(time.Duration)
	return d
}
