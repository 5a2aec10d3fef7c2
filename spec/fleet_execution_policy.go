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

// Hooks are commands of the user's around a whole run; nil is nothing.
type Hooks struct{ BeforeApply, AfterApply *Hook }

// Parallelism bounds how much is done at once, beside what fleet finds out by
// itself. Zero is no bound.
type Parallelism struct {
	Max         int            // steps in all
	Kinds       map[Kind]int   // steps of a kind
	Builds      int            // images that are built
	Regions     map[string]int // steps in a region, by its name or id as the spec has it
	PerSnapshot map[string]int // sandboxes that are made from a snapshot, by its key or name
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
		Doc:     "Command that is run on this machine after a plan was approved and before anything is sent. When it fails, nothing is sent.",
		Example: `before_apply: echo "fleet $FLEET_NAME begins"`,
	},
	{
		Name: "after_apply", Type: localHook.Name, Keys: localHookKeys, schema: localHook.Schema.OrExpression(),
		Doc:     "Command that is run on this machine when all is over, however it ended: $FLEET_OUTCOME is done, partly, failed or interrupted.",
		Example: `after_apply: {run: "echo $FLEET_OUTCOME", timeout: 5m}`,
	},
}

var parallelismKeys = []Key{
	{Name: "max", Type: stepCount.Name, Doc: "Operations that send requests at once, in all.", Example: "max: 50", schema: countSchema},
	{Name: "sandboxes", Type: stepCount.Name, Doc: "Steps of sandboxes at once.", Example: "sandboxes: 40", schema: countSchema},
	{Name: "snapshots", Type: stepCount.Name, Doc: "Steps of snapshots at once.", Example: "snapshots: 4", schema: countSchema},
	{Name: "volumes", Type: stepCount.Name, Doc: "Steps of volumes at once.", Example: "volumes: 4", schema: countSchema},
	{Name: "builds", Type: stepCount.Name, Doc: "Images that are built at once, for snapshots or for sandboxes.", Example: "builds: 2", schema: countSchema},
	{Name: "regions", Type: "mapping of regions to numbers", Doc: "Steps of sandboxes at once in a region.", Example: "regions: {eu: 10}", schema: jsonschema.MapOf(`\S`, countSchema).OrExpression()},
	{
		Name: "per_snapshot", Type: "mapping of snapshots to numbers", Doc: "Sandboxes that are made at once from a snapshot, which is given by its key or its name.",
		Example: "per_snapshot: {base: 20}", schema: jsonschema.MapOf(`\S`, countSchema).OrExpression(),
	},
}

// timeoutKeys are those of the timeouts of a whole fleet.
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

// readTimeouts reads the timeouts of the whole fleet, which are below the
// defaults of each kind.
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

// defaultTimeouts are the timeouts of objects of a kind that no block declares.
func (l *loader) defaultTimeouts() map[Kind]*Resource {
	usual := map[Kind]*Resource{}
	for kind := range Tables {
		r := &Resource{Address: Address{Kind: kind}, Attrs: Attrs{}}
		for a, v := range l.defaults[kind] {
			if a == timeoutRow || timeoutRows[TimeoutClass(strings.TrimPrefix(a.Key, "timeouts."))] == a {
				r.Attrs[a] = v.value
			}
		}
		usual[kind] = r
	}
	return usual
}

// readHooks reads the hooks of the whole fleet.
func (l *loader) readHooks(p part, e decode.Entry) {
	entries, _ := p.d.Entries(e.Value, e.Name)
	allowed := names(topHookKeys)
	for _, e := range entries {
		at := "hooks." + e.Name
		if !slices.Contains(allowed, e.Name) {
			m := p.d.Errorf(e.Key, at, "unknown key; hooks has %s", strings.Join(allowed, ", "))
			if m.Hint = suggest.DidYouMean(e.Name, allowed); e.Name == "after_create" || e.Name == "before_destroy" {
				m.Hint = "it is said of sandboxes: write it in their hooks, or in defaults"
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

// readParallelism reads how much may be done at once.
func (l *loader) readParallelism(p part, e decode.Entry) {
	d, c := p.d, &l.parallelism
	entries, _ := d.Entries(e.Value, e.Name)
	allowed := names(parallelismKeys)
	kinds := map[string]Kind{"sandboxes": SandboxKind, "snapshots": SnapshotKind, "volumes": VolumeKind}
	for _, e := range entries {
		at := "parallelism." + e.Name
		kind := kinds[e.Name]
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

// bounds reads a mapping to numbers of steps, laid over another.
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

// node is the bounds as a spec says them.
func (c Parallelism) node() *yaml.Node {
	m := yamldoc.NewMapping()
	for _, x := range []struct {
		key string
		n   int
	}{{"max", c.Max}, {"sandboxes", c.Kinds[SandboxKind]}, {"snapshots", c.Kinds[SnapshotKind]}, {"volumes", c.Kinds[VolumeKind]}, {"builds", c.Builds}} {
		if x.n > 0 {
			yamldoc.Put(m, x.key, yamldoc.NodeOf(x.n))
		}
	}
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

// node is the hooks as a spec says them.
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

// Timeout is the longest time that an effort with an object of a kind takes
// that no block declares any more; 0 when the spec does not say.
func (f *Fleet) Timeout(k Kind, e TimeoutClass) time.Duration {
	if r := f.defaultTimeouts[k]; r != nil {
		return r.TimeoutFor(e)
	}
	return 0
}

// TimeoutFor is the longest time that the spec gives to an effort; 0 when it gives
// none, and only the whole change is limited.
func (r *Resource) TimeoutFor(e TimeoutClass) time.Duration {
	d, _ := r.Attrs[timeoutRows[e]].(time.Duration)
	return d
}
