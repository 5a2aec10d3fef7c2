package spec

// A Footprint is what sandboxes take of an organisation: vCPU, GiB of memory and of
// disk, and GPUs.
type Footprint struct {
	CPU    int `json:"vcpu"`
	Memory int `json:"memory_gib"`
	Disk   int `json:"disk_gib"`
	GPU    int `json:"gpu,omitempty"`
}

// Add is the sum of two footprints.
func (l Footprint) Add(m Footprint) Footprint {
	return Footprint{l.CPU + m.CPU, l.Memory + m.Memory, l.Disk + m.Disk, l.GPU + m.GPU}
}

// Sub is what l is more than m; parts of it may be negative.
func (l Footprint) Sub(m Footprint) Footprint {
	return Footprint{l.CPU - m.CPU, l.Memory - m.Memory, l.Disk - m.Disk, l.GPU - m.GPU}
}

// InState is the footprint of a sandbox of the size in a run state, or on its way to one:
// what is stopped or paused keeps its disk, what is archived or failed takes
// nothing.
func (l Footprint) InState(state string) Footprint {
	switch state {
	case Stopped, Paused, "archiving":
		return Footprint{Disk: l.Disk}
	case Archived, "error", "build_failed", "destroying", "destroyed":
		return Footprint{}
	}
	return l
}

// Footprint is the footprint of the object when it is started, as far as the server told.
func (o Object) Footprint(kind Kind) Footprint {
	l, _ := o.Attrs.size(kind)
	return l
}

// FootprintOr is the footprint of what the resource describes when it is started: its own
// resources, laid over those of what it is made from. known is false for a
// sandbox without resources and without anything that it is made from.
func (r *Resource) FootprintOr(from *Footprint) (l Footprint, known bool) {
	own, said := r.attrs.size(r.Kind)
	_, builds := r.attrs[imageRow]
	switch {
	case from != nil && !said:
		return *from, true
	case r.Kind == SandboxKind && !builds && !said:
		return Footprint{}, false
	}
	for i, part := range sizeParts {
		if standard, ok := sizeRows[r.Kind][i].Default.(int); ok && *part.of(&own) == 0 {
			*part.of(&own) = standard
		}
	}
	return own, true
}

// OverlayFootprint is the size l with what the resource says of it and does not ignore.
func (r *Resource) OverlayFootprint(l Footprint) Footprint {
	own, _ := r.attrs.size(r.Kind)
	for i, part := range sizeParts {
		if v := *part.of(&own); v != 0 && !r.ignoresAttr(sizeRows[r.Kind][i]) {
			*part.of(&l) = v
		}
	}
	return l
}

// sizeParts are the attributes that say how much something takes.
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

// size reads the parts of a footprint, and tells whether there are any.
func (as attributes) size(kind Kind) (l Footprint, said bool) {
	for i, row := range sizeRows[kind] {
		if n, ok := as[row].(int); ok {
			*sizeParts[i].of(&l), said = n, true
		}
	}
	return l, said
}

// Snapshot is the name of what a sandbox is made from: a snapshot of the spec
// or of the organisation; "" when there is none.
func (r *Resource) Snapshot() string { return r.attrs.text(snapshotRow) }

// Region is the region that the resource names, or "".
func (r *Resource) Region() string { return r.attrs.text(Tables[r.Kind].find("target")) }

// Region is the id of the region that a sandbox is in, or "".
func (o Object) Region() string { return o.Attrs.text(Tables[SandboxKind].find("target")) }

// NeverStops reports whether a sandbox, once started, runs until somebody stops
// or deletes it.
func (o Object) NeverStops() bool {
	_, told := o.Attrs.attributes[autoStopRow]
	return told && !o.AutoStops()
}
