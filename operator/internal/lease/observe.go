package lease

import (
	"strconv"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
)

// A observation is a lease as it was last read.
type observation struct {
	version string
	holder  string
	shards  string
	since   time.Duration // when this version was first received
	lasts   time.Duration // without a change, until the lease has expired
}

// free reports whether the lease may be taken over: its holder released it, or it did not
// change until it expired. An empty holder is no proof of a release, since a user can clear
// it.
func (s observation) free(at time.Duration) bool {
	return s.released() || at-s.since >= s.lasts
}

// released reports whether the holder gave the lease up. client-go then writes a duration of a
// second.
func (s observation) released() bool {
	return s.holder == "" && s.lasts == time.Second
}

// observations are the leases of the operator, by name.
type observations map[string]observation

// update returns the leases of a list that was received at a time.
func (all observations) update(list []coordinationv1.Lease, at time.Duration) observations {
	updated := make(observations, len(list))
	for _, l := range list {
		s, ok := all[l.Name]
		if !ok || s.version != l.ResourceVersion {
			s = observe(l, at)
		}
		updated[l.Name] = s
	}
	return updated
}

func observe(l coordinationv1.Lease, at time.Duration) observation {
	s := observation{version: l.ResourceVersion, shards: l.Annotations[shardsAnnotation], since: at, lasts: LeaseDuration}
	if l.Spec.HolderIdentity != nil {
		s.holder = *l.Spec.HolderIdentity
	}
	if seconds := l.Spec.LeaseDurationSeconds; seconds != nil {
		lasts := time.Duration(*seconds) * time.Second
		if s.holder == "" && *seconds == 1 || lasts > LeaseDuration {
			s.lasts = lasts
		}
	}
	return s
}

// The names of the leases of an operator.
type names string

// shard returns the name of the lease of a shard.
func (n names) shard(i int) string { return string(n) + "-" + strconv.Itoa(i) }

// member returns the name of the lease of a replica.
func (n names) member(id string) string { return n.members() + id }

func (n names) members() string { return string(n) + "-member-" }

// shardOf returns the shard of a lease, and whether it is one of a shard.
func (n names) shardOf(lease string) (int, bool) {
	suffix, ok := strings.CutPrefix(lease, string(n)+"-")
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(suffix)
	return i, err == nil && i >= 0 && n.shard(i) == lease
}

// view returns the replicas, and the holders of shards, that divide fleets into a number of shards, and
// whether a lease with another number is held.
func (all observations) view(n names, shards int, at time.Duration) (v view, mixed bool) {
	v = view{shards: shards, holders: map[int]string{}, members: map[string]bool{}}
	for name, s := range all {
		if s.free(at) {
			continue
		}
		i, isShard := n.shardOf(name)
		same := s.shards == strconv.Itoa(shards)
		switch {
		case isShard && !same:
			mixed = true
		case isShard && i < shards:
			v.holders[i] = s.holder
			if s.holder != "" {
				v.members[s.holder] = true
			}
		case strings.HasPrefix(name, n.members()) && same && s.holder != "":
			v.members[s.holder] = true
		}
	}
	return v, mixed
}
