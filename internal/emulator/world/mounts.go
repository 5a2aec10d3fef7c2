package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

var systemDirectories = []string{"/proc", "/sys", "/dev", "/boot", "/etc", "/bin", "/sbin", "/lib", "/lib64"}

// ResolveVolumes returns the volume mounts of a request with the volumes' names
// resolved to ids. Unknown fields of a mount are retained.
func (w *World) ResolveVolumes(items []any) ([]map[string]any, error) {
	resolved := make([]map[string]any, 0, len(items))
	for _, item := range items {
		m, _ := item.(map[string]any)
		if m == nil {
			m = map[string]any{}
		}
		resolved = append(resolved, maps.Clone(m))
	}
	if err := checkMounts(resolved, mountProblem); err != nil {
		return nil, err
	}
	if err := checkMounts(resolved, subpathProblem); err != nil {
		return nil, err
	}
	for _, m := range resolved {
		v := w.findVolume(m["volumeId"])
		if v == nil {
			return nil, NotFound("Volume '%s' not found", jsString(m["volumeId"]))
		}
		if v.State != VolumeReady {
			return nil, BadRequest("Volume '%s' is not in a ready state. Current state: %s", v.Name, v.State)
		}
		m["volumeId"] = v.ID
	}
	return resolved, nil
}

// MarkVolumesUsed updates the last use of the volumes that a new sandbox mounts.
func (w *World) MarkVolumesUsed(mounts []map[string]any) {
	for _, m := range mounts {
		if v := w.findVolume(m["volumeId"]); v != nil {
			v.LastUsedAt = new(w.Now)
			w.MarkDirty(kindVolume, v.ID)
		}
	}
}

func (w *World) findVolume(idOrName any) *Volume {
	s, ok := idOrName.(string)
	if !ok {
		return nil
	}
	if v := w.Volumes[s]; v != nil && v.State != VolumeDeleted {
		return v
	}
	return w.VolumeByName(s)
}

// checkMounts returns one error with the problems of all mounts.
func checkMounts(mounts []map[string]any, problem func(map[string]any) string) error {
	var problems []string
	for _, m := range mounts {
		if p := problem(m); p != "" {
			problems = append(problems, p)
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return BadRequest("%s", strings.Join(problems, ", "))
}

// mountProblem returns the reason why a mount path is invalid, or "".
func mountProblem(mount map[string]any) string {
	p, ok := mount["mountPath"].(string)
	var why string
	switch {
	case !ok:
		return fmt.Sprintf("Invalid mount path %s (must be a string)", jsString(mount["mountPath"]))
	case !strings.HasPrefix(p, "/"):
		why = "must be absolute"
	case p == "/" || p == "//":
		why = "cannot mount to the root directory"
	case slices.ContainsFunc(strings.Split(p, "/"), func(s string) bool { return s == "." || s == ".." }):
		why = "cannot contain relative path components"
	case strings.Contains(p[1:], "//"):
		why = "cannot contain consecutive slashes"
	case slices.ContainsFunc(systemDirectories, func(d string) bool { return p == d || strings.HasPrefix(p, d+"/") }):
		why = "cannot mount to system directory"
	default:
		return ""
	}
	return fmt.Sprintf("Invalid mount path %s (%s)", p, why)
}

// subpathProblem returns the reason why a subpath is invalid, or "".
func subpathProblem(mount map[string]any) string {
	p, ok := mount["subpath"].(string)
	switch {
	case mount["subpath"] == nil || ok && p == "":
		return ""
	case !ok:
		return fmt.Sprintf("Invalid subpath %s (must be a string)", jsString(mount["subpath"]))
	case strings.HasPrefix(p, "/"):
		return fmt.Sprintf("Invalid subpath %q (S3 key prefixes cannot start with /)", p)
	case strings.Contains(p, ".."):
		return fmt.Sprintf("Invalid subpath %q (cannot contain relative path components)", p)
	case strings.Contains(p, "//"):
		return fmt.Sprintf("Invalid subpath %q (cannot contain consecutive slashes)", p)
	}
	return ""
}
