package world

import "container/heap"

// Kind names a sort of record; with an id it is the key of one.
type Kind string

const (
	KindSandbox      Kind = "sandbox"
	KindSnapshot     Kind = "snapshot"
	kindVolume       Kind = "volume"
	KindSecret       Kind = "secret"
	kindBuild        Kind = "build"
	kindObject       Kind = "object"
	KindOrganization Kind = "organization"
)

type RecordKey struct {
	Kind Kind
	ID   string
}

// recordTimer is the next moment at which something happens to a record by itself.
type recordTimer struct {
	key   RecordKey
	at    Instant
	seq   uint64
	index int
}

// timerQueue holds at most one alarm per record, the earliest first. Equal times
// ring in the order in which they were set.
type timerQueue struct {
	heap  timerHeap
	byKey map[RecordKey]*recordTimer
	seq   uint64
}

func newTimerQueue() *timerQueue { return &timerQueue{byKey: map[RecordKey]*recordTimer{}} }

// set replaces the alarm of a record; nil removes it.
func (a *timerQueue) set(key RecordKey, at *Instant) {
	if old, ok := a.byKey[key]; ok {
		heap.Remove(&a.heap, old.index)
		delete(a.byKey, key)
	}
	if at == nil {
		return
	}
	a.seq++
	n := &recordTimer{key: key, at: *at, seq: a.seq}
	a.byKey[key] = n
	heap.Push(&a.heap, n)
}

// pop removes and returns the earliest alarm if it rings at now or before.
func (a *timerQueue) pop(now Instant) (*recordTimer, bool) {
	if len(a.heap) == 0 || a.heap[0].at.After(now.Time) {
		return nil, false
	}
	first := heap.Pop(&a.heap).(*recordTimer)
	delete(a.byKey, first.key)
	return first, true
}

// next returns when the earliest alarm rings.
func (a *timerQueue) Next() (Instant, bool) {
	if len(a.heap) == 0 {
		return Instant{}, false
	}
	return a.heap[0].at, true
}

type timerHeap []*recordTimer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at.Time) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at.Time)
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for container/heap only.
func (h *timerHeap) Push(x any) {
	n := x.(*recordTimer)
	n.index = len(*h)
	*h = append(*h, n)
}

// Pop is for container/heap only.
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
