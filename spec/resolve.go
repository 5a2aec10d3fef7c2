package spec

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/internal/image"
	"fleet/internal/imageref"
	"fleet/internal/suggest"
)

// resolve replaces references by names on Daytona, and sets the dependencies.
func (l *loader) resolve(f *Fleet) {
	index := make(map[Address]*Resource, len(f.Resources))
	for _, r := range f.Resources {
		index[r.Address] = r
	}
	for _, r := range f.Resources { // references to volumes and snapshots may also have their names
		if name := (Address{r.Kind, r.Name()}); r.Kind != SandboxKind && index[name] == nil {
			index[name] = r
		}
	}
	reported := map[string]bool{}
	for _, kind := range []Kind{SnapshotKind, SandboxKind} { // a sandbox's fingerprint covers its snapshot
		for _, r := range f.OfKind(kind) {
			l.resolveOne(r, index, func(a *Attribute, message, hint string) {
				dc := r.from
				place, ok := dc.merged[a]
				if !ok {
					place = locatedValue{pos: dc.pos, decoder: dc.decoder}
				}
				if key := place.pos.String() + message; !reported[key] {
					reported[key] = true
					place.decoder.ErrorfAt(place.pos, r.Kind.Section()+"."+dc.Key+"."+a.Key, "%s", message).Hint = hint
				}
			})
			l.nameVersion(r, index)
		}
	}
}

// resolveOne resolves the references of one resource.
func (l *loader) resolveOne(r *Resource, index map[Address]*Resource, mistake func(a *Attribute, message, hint string)) {
	for _, a := range Tables[r.Kind] {
		v, ok := r.attrs.lookup(a)
		if !ok {
			continue
		}
		switch {
		case a.Ref == ImageKind && l.markUnknownImage(r, a, v.(Image)):
		case a.Ref == ImageKind:
			r.attrs.set(a, l.resolveImage(r, a, v.(Image), mistake))
		case a.Ref == SnapshotKind:
			r.attrs.set(a, l.reference(r, a, SnapshotKind, v.(string), index, mistake))
			if s := index[Address{SnapshotKind, v.(string)}]; s != nil {
				l.setContent(r, s)
				if missing := s.contentUnset(); missing != nil && s.Versioned() && s.Version() == "" {
					r.markUnknown(a, missing)
				}
			}
		case a.Ref == SandboxKind:
			l.resolveLink(r, a, v.(string), index, mistake)
		case a.Change.Upload:
			r.attrs.set(a, l.hashFiles(r, v.(Files)))
		case a.Type.refs != nil:
			mounts := slices.Clone(v.([]Mount))
			for i, m := range mounts {
				mounts[i].Volume = l.reference(r, a, VolumeKind, m.Volume, index, mistake)
			}
			r.attrs.set(a, byPath(mounts))
		}
	}
}

// reference returns the name on Daytona of the resource with the key, or the key
// itself if it names an object outside the spec.
func (l *loader) reference(r *Resource, a *Attribute, kind Kind, key string, index map[Address]*Resource, mistake func(*Attribute, string, string)) string {
	if other := index[Address{kind, key}]; other != nil {
		if !slices.Contains(r.DependsOn, other.Address) {
			r.DependsOn = append(r.DependsOn, other.Address)
		}
		return other.Name()
	}
	if wrong, hint := l.missingReason(Address{kind, key}); wrong != "" {
		mistake(a, wrong, hint)
	}
	r.ExternalRefs = append(r.ExternalRefs, ExternalRef{kind, key})
	return key
}

// missingReason returns why no resource has the address although the spec declares it:
// it is not enabled, or it is a group. It is empty if the spec does not declare it.
func (l *loader) missingReason(a Address) (wrong, hint string) {
	key, copied, isCopy := strings.Cut(a.Key, "[")
	dc := l.byAddress[Address{a.Kind, key}]
	switch {
	case dc == nil || dc.merged == nil:
		if dc = l.disabled[a]; dc != nil {
			return fmt.Sprintf("%s, which has this name, is not enabled", dc.Address), "enable it or remove the reference"
		}
		return "", ""
	case dc.disabled:
		return fmt.Sprintf("%s is not enabled", dc.Address), "enable it or remove the reference"
	}
	members, many := dc.members()
	switch {
	case many && len(members) == 0:
		return fmt.Sprintf("%s has no copies", dc.Address), ""
	case isCopy && many:
		first, _ := dc.copyKey(members[0])
		last, _ := dc.copyKey(members[len(members)-1])
		return fmt.Sprintf("%s has no copy %s", dc.Address, strings.TrimSuffix(copied, "]")), fmt.Sprintf("it has %s to %s", first, last)
	case isCopy:
		return fmt.Sprintf("%s has no copies", dc.Address), ""
	case many:
		first, _ := dc.copyKey(members[0])
		return fmt.Sprintf("%s is a group of copies", dc.Address), "write one copy, such as " + first
	}
	return "", ""
}

// content returns a digest of a snapshot's content. It is cached, since many sandboxes
// may use the snapshot.
func (l *loader) content(s *Resource) string {
	if l.contents[s] == "" {
		l.contents[s] = s.content()
	}
	return l.contents[s]
}

// content returns a digest of a snapshot's attributes without its name. The content of a
// version never changes.
func (r *Resource) content() string {
	if r.Version() != "" {
		return versionsContent(r.VersionBase())
	}
	var parts []string
	for _, a := range snapshotTable {
		if v, ok := r.attrs.lookup(a); ok && a.Role == Remote && a != snapshotNameRow {
			parts = append(parts, a.Key+"="+digest(v))
		}
	}
	return digest(parts)
}

// resolveImage fills in the Dockerfile of an image.
func (l *loader) resolveImage(r *Resource, a *Attribute, i Image, mistake func(*Attribute, string, string)) Image {
	def, ok := l.images[i.Name]
	var wrong imageref.Problem
	switch {
	case ok:
		i.setContexts(l.hash(def))
		i.unhashed = l.options.Hasher == nil && len(def.files) > 0
		i.Dockerfile = def.dockerfile
		if def.sensitive {
			r.sensitive = maps.Clone(r.sensitive) // copies of a group share it
			if r.sensitive == nil {
				r.sensitive = map[*Attribute]bool{}
			}
			r.sensitive[a] = true
		}
		if words, ok := r.attrs.get(entrypointRow).([]string); ok {
			// The server does not accept an entrypoint together with a Dockerfile.
			i.Dockerfile += image.ExecForm("ENTRYPOINT", words) + "\n"
			r.attrs.remove(entrypointRow)
		}
		return i
	default:
		if wrong, hint := l.missingReason(Address{ImageKind, i.Name}); wrong != "" {
			mistake(a, wrong, hint)
			return i
		}
		i, wrong = i.pulled(r.Kind, "an image of the spec")
	}
	if wrong.Message != "" {
		mistake(a, wrong.Message, cmp.Or(l.imageHint(r.Kind, i.Name), wrong.Hint))
	}
	return i
}

// imageHint returns the hint for a name that is not that of an image.
func (l *loader) imageHint(kind Kind, name string) string {
	_, declared := l.byAddress[Address{Kind: SnapshotKind, Key: name}]
	if kind == SandboxKind && (declared || strings.HasPrefix(name, "daytona-")) {
		return fmt.Sprintf("%s is a snapshot: write snapshot: %s", name, name)
	}
	return suggest.DidYouMean(name, slices.Sorted(maps.Keys(l.images)))
}

// linkProblem returns why the server would refuse to link r to owner, or "".
func linkProblem(r, owner *Resource) string {
	switch {
	case owner.attrs.get(linkedRow) != nil:
		return "is itself linked to another sandbox; links cannot be chained"
	case owner.State() == Archived || owner.State() == Paused:
		return "has state: " + owner.State() + "; a sandbox can only be linked to a started or stopped one"
	case owner.attrs.number(gpuRow) > 0:
		return "has a GPU; a sandbox cannot be linked to it"
	case r.attrs.text(regionRow) != owner.attrs.text(regionRow):
		return "is in another region"
	}
	return ""
}

// linkHint returns the hint for a link to a sandbox that does not exist.
func linkHint(key string, index map[Address]*Resource) string {
	var keys []string
	for address, r := range index {
		if address.Kind == SandboxKind && (r.GroupSize == 0 || strings.HasSuffix(address.Key, "[0]")) {
			keys = append(keys, strings.TrimSuffix(address.Key, "[0]"))
		}
	}
	slices.Sort(keys)
	hint := suggest.DidYouMean(key, keys)
	for _, k := range keys {
		if index[Address{SandboxKind, k}] == nil { // a group
			hint = strings.Replace(hint, fmt.Sprintf("%q", k), fmt.Sprintf("%q", k+"[0]"), 1)
		}
	}
	return hint
}

// resolveLink checks a link to another sandbox, given by key or id.
func (l *loader) resolveLink(r *Resource, a *Attribute, key string, index map[Address]*Resource, mistake func(*Attribute, string, string)) {
	owner := index[Address{SandboxKind, key}]
	switch {
	case owner == r:
		mistake(a, "a sandbox cannot be linked to itself", "")
	case owner != nil:
		r.DependsOn = append(r.DependsOn, owner.Address)
		if wrong := linkProblem(r, owner); wrong != "" {
			mistake(a, fmt.Sprintf("%s %s", owner.Address, wrong), "")
		}
	case !uuidPattern.MatchString(key):
		if wrong, hint := l.missingReason(Address{SandboxKind, key}); wrong != "" {
			mistake(a, wrong, hint)
			return
		}
		hint := linkHint(key, index)
		mistake(a, fmt.Sprintf("there is no sandbox %q in the spec; a sandbox outside the spec is given by its id", strings.TrimSpace(key)), hint)
	}
}
