package world

import "container/heap"

// Kind is the kind of a record.
type Kind string

// The kinds of records.
const (
	KindSandbox      Kind = "sandbox"
	KindSnapshot     Kind = "snapshot"
	kindVolume       Kind = "volume"
	KindSecret       Kind = "secret"
	KindRegistry     Kind = "registry"
	kindBuild        Kind = "build"
	kindObject       Kind = "object"
	KindOrganization Kind = "organization"
)

// RecordKey identifies a record. The organisation has no id.
type RecordKey struct {
	Kind Kind
	ID   string
}

// recordTimer is the time of the next step of a record.
type recordTimer struct {
	key   RecordKey
	at    Instant
	seq   uint64
	index int
}

// TimerQueue contains at most one timer per record, the earliest first. Timers with
// the same time fire in the order in which they were set.
type TimerQueue struct {
	heap  timerHeap
	byKey map[RecordKey]*recordTimer
	seq   uint64
}

func newTimerQueue() *TimerQueue { return &TimerQueue{byKey: map[RecordKey]*recordTimer{}} }

// set replaces the timer of a record; a nil time removes it.
func (a *TimerQueue) set(key RecordKey, at *Instant) {
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

// pop removes and returns the earliest timer if it is due.
func (a *TimerQueue) pop(now Instant) (*recordTimer, bool) {
	if len(a.heap) == 0 || a.heap[0].at.After(now.Time) {
		return nil, false
	}
	first := heap.Pop(&a.heap).(*recordTimer)
	delete(a.byKey, first.key)
	return first, true
}

// Next returns the time of the earliest timer; false if there is none.
func (a *TimerQueue) Next() (Instant, bool) {
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
