package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// maxAllowList is the largest number of entries of an allow list.
const maxAllowList = 10

// networkPattern matches an IPv4 network in CIDR notation.
const networkPattern = octetPattern + `(\.` + octetPattern + `){3}/([0-9]|[12][0-9]|3[0-2])`

const octetPattern = `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`

var cidrs = commaList("list of IPv4 networks such as 10.0.0.0/8", networkPattern, func(s string) (string, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil || !p.Addr().Is4() {
		return s, fmt.Errorf("%q is not an IPv4 network; write one with its prefix, such as 10.0.0.0/8", s)
	}
	return p.String(), nil
})

// domainPattern matches a domain: labels of letters, digits and inner hyphens, the last
// one of letters, and optionally a wildcard as the first.
const domainPattern = `(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}`

var domainRegexp = regexp.MustCompile("^" + domainPattern + "$")

var domains = commaList("list of domains such as *.example.com", domainPattern, func(s string) (string, error) {
	if !domainRegexp.MatchString(s) {
		return s, fmt.Errorf("%q is not a domain; write one such as example.com or *.example.com", s)
	}
	return strings.ToLower(s), nil
})

// mounts is the list of mounts of a sandbox, sorted by path.
var mounts = Type{
	Name:   "list of volume, mount_path and subpath",
	zero:   []Mount(nil),
	Keys:   mountKeys,
	Schema: jsonschema.ListOf(KeysSchema(mountKeys).With(jsonschema.Schema{"required": []string{"volume", "mount_path"}})),
	Absent: []Mount{},
	decode: decodeMounts,
	parse: func(raw json.RawMessage) (any, error) {
		if string(raw) == "[]" {
			return []Mount{}, nil
		}
		var list []struct{ VolumeID, MountPath, Subpath string }
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		ms := make([]Mount, len(list))
		for i, m := range list {
			ms[i] = Mount{m.VolumeID, m.MountPath, m.Subpath}
		}
		return byPath(ms), nil
	},
	join: func(base, over any) any { return byPath(slices.Concat(base.([]Mount), over.([]Mount))) },
	encode: func(v any) any {
		list := []map[string]string{}
		for _, m := range v.([]Mount) {
			x := map[string]string{"volumeId": m.Volume, "mountPath": m.Path}
			if m.Subpath != "" {
				x["subpath"] = m.Subpath
			}
			list = append(list, x)
		}
		return list
	},
	format: func(v any) string {
		var parts []string
		for _, m := range v.([]Mount) {
			parts = append(parts, m.String())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	},
	yaml: func(v any) any {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, m := range v.([]Mount) {
			n := yamldoc.FlowMapping("volume", m.Volume, "mount_path", m.Path)
			if m.Subpath != "" {
				yamldoc.Put(n, "subpath", yamldoc.NodeOf(m.Subpath))
			}
			list.Content = append(list.Content, n)
		}
		return list
	},
	refs: func(v any, to Kind) []string {
		if to != VolumeKind {
			return nil
		}
		var names []string
		for _, m := range v.([]Mount) {
			names = append(names, m.Volume)
		}
		return names
	},
}

// distinctMountPaths rejects two volumes with the same path, also after lists were
// joined.
var distinctMountPaths = &Check{
	Rule: "each mount_path once",
	problem: func(v any) string {
		seen := map[string]bool{}
		for _, m := range v.([]Mount) {
			p := path.Clean(m.Path)
			if seen[p] {
				return "has two volumes at the mount path " + p
			}
			seen[p] = true
		}
		return ""
	},
}

// mountKeys are the keys of a mount, in the order of the fields of [Mount].
var mountKeys = []Key{
	{
		Name: "volume", Type: "text", Doc: "Volume to mount: one of the spec, or the name of one in the organisation.",
		Example: "volume: cache", With: "mount_path: /cache", schema: jsonschema.Text.With(jsonschema.Matching(`^(.|\n)`)).OrExpression(),
	},
	{
		Name: "mount_path", Type: "text", Doc: "Path of the volume in the sandbox: an absolute path outside the system folders.",
		Example: "mount_path: /cache", With: "volume: cache", schema: jsonschema.Text.With(jsonschema.Matching(`^/+[^/]`)).With(jsonschema.NotMatching("an absolute path outside the system folders, without . and ..", dotSegmentPattern, systemFolderPattern)).OrExpression(),
	},
	{
		Name: "subpath", Type: "text", Doc: "Directory of the volume to mount, relative to its root. Without it, the whole volume is mounted.",
		Example: "subpath: nightly", With: "volume: cache\nmount_path: /cache", schema: jsonschema.Text.With(jsonschema.Matching(`^([^/]|$)`)).With(jsonschema.NotMatching("a relative path without . and ..", dotSegmentPattern)).OrExpression(),
	},
}

var (
	dotSegmentPattern   = regexp.MustCompile(`(^|/)\.\.?(/|$)|//`)
	systemFolderPattern = regexp.MustCompile("^(" + strings.Join(systemFolders, "|") + ")(/|$)")
)

// systemFolders are the folders in which the server does not mount volumes.
var systemFolders = []string{"/proc", "/sys", "/dev", "/boot", "/etc", "/bin", "/sbin", "/lib", "/lib64"}

// envVars is a text map. Responses also have placeholders for the secrets of the sandbox.
var envVars = func() Type {
	t := textMap
	t.parse = func(raw json.RawMessage) (any, error) {
		v, err := textMap.parse(raw)
		if err != nil {
			return nil, err
		}
		m := v.(map[string]string)
		maps.DeleteFunc(m, func(_, value string) bool { return strings.HasPrefix(value, "dtn_secret_") })
		return m, nil
	}
	return t
}()

// secretRefs maps environment names to the names of Daytona secrets. Only the
// names are known here, never the values.
var secretRefs = func() Type {
	t := textMap
	t.Name = "mapping of environment names to names of secrets"
	t.encode = func(v any) any {
		m := v.(map[string]string)
		list := []map[string]string{}
		for _, k := range slices.Sorted(maps.Keys(m)) {
			list = append(list, map[string]string{k: m[k]})
		}
		return list
	}
	return t
}()

// gpuTypes is an ordered list of acceptable types. A response has the chosen one.
var gpuTypes = func() Type {
	t := words
	t.Name = "list of GPU types, best first"
	t.Values = []string{"H100", "H200", "B300", "MI355X", "RTX-PRO-6000", "RTX-4090", "RTX-5090"}
	t.Schema = jsonschema.Typed("array", "string").With(jsonschema.Matching("^(" + strings.Join(t.Values, "|") + ")$")).
		With(jsonschema.Schema{"items": jsonschema.Typed("string").With(jsonschema.Schema{"enum": t.Values}).OrExpression()})
	t.parse = func(raw json.RawMessage) (any, error) {
		var one string
		if err := json.Unmarshal(raw, &one); err == nil {
			return []string{one}, nil
		}
		return jsonValue[[]string](raw)
	}
	t.same = func(want, have any) bool {
		w, _ := want.([]string)
		h, _ := have.([]string)
		return len(w) == 0 || len(h) == 0 || slices.Contains(w, h[0]) // responses have none before one is chosen
	}
	t.decode = func(d *decoder, n *yaml.Node, path string) (any, bool) {
		if n = d.Resolve(n); n.Kind == yaml.ScalarNode {
			n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}, Line: n.Line, Column: n.Column}
		}
		list, ok := d.Texts(n, path)
		for _, s := range list {
			if ok && !slices.Contains(t.Values, s) {
				d.RejectText(n, path, s, fmt.Sprintf("unknown GPU type %q; known types are %s", s, strings.Join(t.Values, ", "))).Hint = suggest.DidYouMean(s, t.Values)
				ok = false
			}
		}
		return list, ok
	}
	return t
}()
