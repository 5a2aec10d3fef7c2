package admission

// Builds let each content be built by one task of a run at a time. The first task that
// may start builds it; the others that create objects of the same content wait until it
// has been built.
type Builds struct {
	byTask map[TaskID]*build
	byKey  map[string]*build
}

// A build is the state of one content.
type build struct {
	members []TaskID
	builder TaskID // that builds it now, if building is set
	ended   map[TaskID]bool

	building bool
	built    bool
	pending  []TaskID // members that are ready and wait for the builder
}

// NewBuilds returns no builds.
func NewBuilds() *Builds { return &Builds{byTask: map[TaskID]*build{}, byKey: map[string]*build{}} }

// Join adds a task that creates an object of the content with the key.
func (bs *Builds) Join(key string, id TaskID) {
	b := bs.byKey[key]
	if b == nil {
		b = &build{ended: map[TaskID]bool{}}
		bs.byKey[key] = b
	}
	b.members = append(b.members, id)
	bs.byTask[id] = b
}

// Waits reports whether another task builds the content of this one, and which.
func (bs *Builds) Waits(id TaskID) (builder TaskID, waits bool) {
	b := bs.byTask[id]
	if b == nil || b.built || !b.building || b.builder == id {
		return 0, false
	}
	return b.builder, true
}

// BuildsFirst reports whether a task builds its content, and not another task before it.
// It is true for a task that has not joined.
func (bs *Builds) BuildsFirst(id TaskID) bool {
	b := bs.byTask[id]
	return b == nil || b.building && b.builder == id
}

// Start reports whether a task that is ready may start. It then builds its content,
// unless that has been built. Otherwise the task is released later, by Built, Withdraw or
// End.
func (bs *Builds) Start(id TaskID) bool {
	b := bs.byTask[id]
	if b == nil || b.built {
		return true
	}
	if _, waits := bs.Waits(id); waits {
		b.pending = append(b.pending, id)
		return false
	}
	b.builder, b.building = id, true
	return true
}

// Built records that the content of a task has been built. It returns the tasks that
// waited for it.
func (bs *Builds) Built(id TaskID) (release []TaskID) {
	b := bs.byTask[id]
	if b == nil || b.built {
		return nil
	}
	b.built, b.building = true, false
	return b.release()
}

// Withdraw records that a task that may start does not yet. Another one takes its place:
// the tasks that are returned, in this order, may try to start.
func (bs *Builds) Withdraw(id TaskID) (release []TaskID) {
	b := bs.byTask[id]
	if b == nil || !b.building || b.builder != id {
		return nil
	}
	b.building = false
	return b.release()
}

// End records that a task has ended. If its build failed because of the content, the
// tasks of skip, which would build the same, must not start. Otherwise those of release
// may try to.
func (bs *Builds) End(id TaskID, buildFailed bool) (skip, release []TaskID) {
	b := bs.byTask[id]
	if b == nil {
		return nil, nil
	}
	b.ended[id] = true
	if !buildFailed || b.built {
		return nil, bs.Withdraw(id)
	}
	b.building, b.pending = false, nil
	for _, member := range b.members {
		if !b.ended[member] {
			skip = append(skip, member)
		}
	}
	return skip, nil
}

// release returns the members that no longer have to wait.
func (b *build) release() []TaskID {
	pending := b.pending
	b.pending = nil
	return pending
}
