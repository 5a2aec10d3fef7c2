package spec

import "slices"

// Conversions between the values of a spec and those of responses: see
// [Attribute.Resolve] and [Attribute.Unresolve].

// clampArchive returns the archive interval as the server stores it.
func clampArchive(v any, f Facts) any {
	if n := v.(int); n > 0 {
		return min(n, f.maxAutoArchive())
	}
	return f.maxAutoArchive()
}

func regionID(v any, f Facts) any { return f.region(v.(string)) }

// regionName returns the name of a region, or the names of a list of regions.
func regionName(v any, f Facts) any {
	switch v := v.(type) {
	case string:
		return nameOfID(f.Regions, v)
	case []string:
		names := make([]string, len(v))
		for i, id := range v {
			names[i] = nameOfID(f.Regions, id)
		}
		return names
	}
	return v
}

// mountIDs returns the mounts with ids of volumes, as responses have them.
func mountIDs(v any, f Facts) any {
	ms := slices.Clone(v.([]Mount))
	for i, m := range ms {
		if id, ok := f.Volumes[m.Volume]; ok {
			ms[i].Volume = id
		}
	}
	return byPath(ms)
}

// mountNames returns the mounts with names of volumes.
func mountNames(v any, f Facts) any {
	ms := slices.Clone(v.([]Mount))
	for i, m := range ms {
		ms[i].Volume = nameOfID(f.Volumes, m.Volume)
	}
	return byPath(ms)
}

// linkID returns the id of a sandbox of the spec; linkKey is the reverse.
func linkID(v any, f Facts) any {
	if id, ok := f.Sandboxes[v.(string)]; ok {
		return id
	}
	return v
}

func linkKey(v any, f Facts) any {
	if id, ok := v.(string); ok {
		return nameOfID(f.Sandboxes, id)
	}
	return v
}

// nameOfID returns the name with the id, or the id if there is none.
func nameOfID(ids map[string]string, id string) string {
	for name, other := range ids {
		if other == id {
			return name
		}
	}
	return id
}
