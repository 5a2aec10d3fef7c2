package journal

import "slices"

// Head returns what is known of the watch as a whole, and the number of the last event.
func (j *Journal) Head() (head Head, seq uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.head, j.seq
}

// LastPass returns the last pass, or false before the first one.
func (j *Journal) LastPass() (Pass, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.passes) == 0 {
		return Pass{}, false
	}
	return j.passes[len(j.passes)-1], true
}

// PassesAfter returns the remembered passes with a number above the given one, the
// oldest first. The last one may still run.
func (j *Journal) PassesAfter(number int) []Pass {
	j.mu.Lock()
	defer j.mu.Unlock()
	first, _ := slices.BinarySearchFunc(j.passes, number+1, func(p Pass, n int) int { return p.Number - n })
	return slices.Clone(j.passes[first:])
}
