package spec

import (
	"fmt"
	"slices"
	"strings"
)

// A Call is one request that changes an object in place.
type Call struct {
	Method   string         `json:"method"`
	Path     string         `json:"path"`       // relative to the object
	Body     map[string]any `json:"-"`          // nil: no body
	Mode     ChangeMode     `json:"-"`          // what the call requires
	RunsLast bool           `json:"-"`          // after all calls that stop and start the sandbox
	Attrs    []string       `json:"attributes"` // keys of the attributes that it changes
}

// Calls returns the fewest calls that correct the diffs, in the order of the table:
// attributes with the same path share a call. Labels are not included: see
// [Resource.Labels].
func (r *Resource) Calls(diffs []Diff) []Call {
	if len(diffs) == 0 {
		return nil
	}
	var calls []Call
	together := map[string]bool{} // paths whose attributes are all sent
	for _, d := range diffs {
		c := d.Attr.Change
		if c.Path == "" || d.Mode == RequiresReplace {
			continue
		}
		value := d.Attr.Type.requestValue(r.attrs.get(d.Attr))
		if path, ok := strings.CutSuffix(c.Path, "{}"); ok {
			last := c.RunsLast != nil && c.RunsLast(r.attrs.get(d.Attr))
			calls = append(calls, Call{Method: c.Method, Path: path + fmt.Sprint(value), Mode: d.Mode, RunsLast: last, Attrs: []string{d.Attr.Key}})
			continue
		}
		i := slices.IndexFunc(calls, func(k Call) bool { return k.Path == c.Path })
		if i < 0 {
			i = len(calls)
			calls = append(calls, Call{Method: c.Method, Path: c.Path, Body: map[string]any{}})
		}
		if c.SentTogether {
			together[c.Path] = true
		}
		calls[i].Mode = max(calls[i].Mode, d.Mode)
		calls[i].Attrs = append(calls[i].Attrs, d.Attr.Key)
		calls[i].Body[d.Attr.API] = value
	}
	if len(together) > 0 {
		r.addCoupledAttributes(calls, together)
	}
	return calls
}

// addCoupledAttributes adds to each body the values that its call would otherwise
// reset.
func (r *Resource) addCoupledAttributes(calls []Call, together map[string]bool) {
	for _, a := range Tables[r.Kind] {
		v, managed := r.attrs.lookup(a)
		if !managed || !a.Change.SentTogether || !together[a.Change.Path] {
			continue
		}
		for i := range calls {
			if calls[i].Path == a.Change.Path {
				calls[i].Body[a.API] = a.Type.requestValue(v)
			}
		}
	}
}

// CreateBody returns the body of the request that creates the resource. The caller
// adds labels and references to sandboxes: see [Resource.Labels] and
// [Resource.Links].
func (r *Resource) CreateBody(f Facts) map[string]any {
	body := map[string]any{}
	for _, a := range Tables[r.Kind] {
		v, managed := r.attrs.lookup(a)
		if !managed || a.Role != Remote || a.Label != "" || a.MergesKeys || a.Ref == SandboxKind || a.Change.Upload {
			continue
		}
		if a.ByID {
			v = a.Resolve(v, f)
		}
		if a.Send != nil {
			a.Send(body, v)
		} else {
			body[a.API] = a.Type.requestValue(v)
		}
	}
	return body
}

// Links returns the fields of the create request that refer to sandboxes, with the
// keys or ids of the spec. The API expects ids.
func (r *Resource) Links() map[string]string {
	links := map[string]string{}
	for _, a := range Tables[r.Kind] {
		if v := r.attrs.text(a); v != "" && a.Ref == SandboxKind {
			links[a.API] = v
		}
	}
	return links
}

// SetRegion adds a region, by name or id, to the body of a create request that has
// none. An empty region leaves the choice to the server.
func (r *Resource) SetRegion(body map[string]any, region string, f Facts) {
	row := regionRows[r.Kind]
	if row == nil || region == "" {
		return
	}
	if _, placed := body[row.API]; !placed {
		body[row.API] = row.Resolve(region, f)
	}
}
