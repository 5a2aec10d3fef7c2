package spec

import "fleet/internal/state"

// A Footprint is the resources that sandboxes use of an organisation's quota.
type Footprint struct {
	CPU    int `json:"vcpu"`          // in vCPU
	Memory int `json:"memory_gib"`    // in GiB
	Disk   int `json:"disk_gib"`      // in GiB
	GPU    int `json:"gpu,omitempty"` // number of GPUs
}

// Add returns the sum of two footprints.
func (l Footprint) Add(m Footprint) Footprint {
	return Footprint{l.CPU + m.CPU, l.Memory + m.Memory, l.Disk + m.Disk, l.GPU + m.GPU}
}

// Sub returns l minus m. Parts of it may be negative.
func (l Footprint) Sub(m Footprint) Footprint {
	return Footprint{l.CPU - m.CPU, l.Memory - m.Memory, l.Disk - m.Disk, l.GPU - m.GPU}
}

// InState returns the footprint in a run state, or during a transition to it, of a
// sandbox whose footprint is l when started: a stopped or paused one uses only its
// disk, and an archived or failed one uses nothing.
func (l Footprint) InState(runState string) Footprint {
	switch runState {
	case Stopped, Paused, state.Archiving:
		return Footprint{Disk: l.Disk}
	case Archived, state.Error, state.BuildFailed, state.Destroying, state.Destroyed:
		return Footprint{}
	}
	return l
}

// Footprint returns the footprint of the object when it is started. Parts that the
// server did not report are 0.
func (o Object) Footprint(kind Kind) Footprint {
	l, _ := o.Attrs.set.size(kind)
	return l
}

// FootprintOr returns the footprint of the resource when it is started. from is that
// of its snapshot, which applies if the resource sets no size; nil if it is not
// known. known is false if there is no size at all.
func (r *Resource) FootprintOr(from *Footprint) (l Footprint, known bool) {
	own, sized := r.attrs.size(r.Kind)
	_, builds := r.attrs.lookup(imageRow)
	switch {
	case from != nil && !sized:
		return *from, true
	case r.Kind == SandboxKind && !builds && !sized:
		return Footprint{}, false
	}
	for i, part := range sizeParts {
		if standard, ok := sizeRows[r.Kind][i].Default.(int); ok && *part.of(&own) == 0 {
			*part.of(&own) = standard
		}
	}
	return own, true
}

// OverlayFootprint returns l with the parts that the resource sets and does not
// ignore.
func (r *Resource) OverlayFootprint(l Footprint) Footprint {
	own, _ := r.attrs.size(r.Kind)
	for i, part := range sizeParts {
		if v := *part.of(&own); v != 0 && !r.ignoresAttr(sizeRows[r.Kind][i]) {
			*part.of(&l) = v
		}
	}
	return l
}

// sizeParts are the attributes of a footprint.
var sizeParts = []struct {
	key string
	of  func(*Footprint) *int
}{
	{"resources.cpu", func(l *Footprint) *int { return &l.CPU }},
	{"resources.memory", func(l *Footprint) *int { return &l.Memory }},
	{"resources.disk", func(l *Footprint) *int { return &l.Disk }},
	{"resources.gpu", func(l *Footprint) *int { return &l.GPU }},
}

// sizeRows are the rows of sizeParts, by kind.
var sizeRows = map[Kind][]*Attribute{SandboxKind: sizeRowsOf(sandboxTable), SnapshotKind: sizeRowsOf(snapshotTable)}

func sizeRowsOf(t Table) []*Attribute {
	var rows []*Attribute
	for _, part := range sizeParts {
		rows = append(rows, t.find(part.key))
	}
	return rows
}

// size returns the footprint of the attributes, and whether any part of it is set.
func (as attributes) size(kind Kind) (l Footprint, ok bool) {
	for i, row := range sizeRows[kind] {
		if n, is := as.get(row).(int); is {
			*sizeParts[i].of(&l), ok = n, true
		}
	}
	return l, ok
}

// Snapshot returns the name of the snapshot that the sandbox is created from; "" if
// the spec sets none.
func (r *Resource) Snapshot() string { return r.attrs.text(snapshotRow) }

// Region returns the region that the spec sets for the resource, by name or id; ""
// if it sets none.
func (r *Resource) Region() string { return r.attrs.text(regionRows[r.Kind]) }

// Region returns the id of the region of a sandbox; "" if it is not known.
func (o Object) Region() string { return o.Attrs.text(regionRow) }

// NeverStops reports whether the server never stops a started sandbox
// automatically.
func (o Object) NeverStops() bool {
	return o.Attrs.value(autoStopRow) != nil && !o.AutoStops()
}
