package spec

import "slices"

// How the server shows wanted values, and how a spec would say what it shows.

// clampArchive is how the server stores an archive interval.
func clampArchive(v any, f Facts) any {
	if n := v.(int); n > 0 {
		return min(n, f.maxAutoArchive())
	}
	return f.maxAutoArchive()
}

func regionID(v any, f Facts) any { return f.region(v.(string)) }

// regionName is a region, or a list of regions, by name.
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

// mountIDs has the volumes by id, as single objects show them.
func mountIDs(v any, f Facts) any {
	ms := slices.Clone(v.([]Mount))
	for i, m := range ms {
		if id, ok := f.Volumes[m.Volume]; ok {
			ms[i].Volume = id
		}
	}
	return byPath(ms)
}

// mountNames has the volumes by name.
func mountNames(v any, f Facts) any {
	ms := slices.Clone(v.([]Mount))
	for i, m := range ms {
		ms[i].Volume = nameOfID(f.Volumes, m.Volume)
	}
	return byPath(ms)
}

// linkID is the sandbox of the spec by id, linkKey the reverse.
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

// nameOfID is the name that stands for an id, or the id.
func nameOfID(ids map[string]string, id string) string {
	for name, other := range ids {
		if other == id {
			return name
		}
	}
	return id
}
