package notify

import "sync"

// Stats are counts of one endpoint since the start.
type Stats struct {
	Endpoint string // host
	Sent     int    // notifications that were accepted
	Failed   int    // attempts that failed
	Dropped  int    // notifications that were given up
	Queued   int    // notifications that wait
}

// stats are counts that several goroutines change.
type stats struct {
	mu sync.Mutex
	Stats
}

// change changes the counts and returns them.
func (s *stats) change(change func(*Stats)) Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.Stats)
	return s.Stats
}
