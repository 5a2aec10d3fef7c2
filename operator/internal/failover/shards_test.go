package failover_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"fleet/operator/internal/kubetest"
)

// Three replicas share six shards of twelve fleets, which change while one replica is killed,
// another is added, and a third is stopped: no sandbox is created twice, and all are as the
// last specs declare them.
func TestShards(t *testing.T) {
	t.Parallel()
	const shards, fleets, each = 6, 12, 5
	r := newRig(t, shards)
	var replicas []*replica
	for _, name := range []string{"first", "second", "third"} {
		replicas = append(replicas, r.start(t, name, shards))
	}
	for i := range fleets {
		r.fleet(t, fmt.Sprint("f", i), each, "a")
	}
	for _, p := range replicas {
		kubetest.Eventually(t, limit, func() error { return r.writes(p.name) })
	}
	replicas[0].Signal(t, syscall.SIGKILL)
	killed := time.Now()
	for i := range fleets {
		r.fleet(t, fmt.Sprint("f", i), each, "b")
	}
	fourth := r.start(t, "fourth", shards)
	replicas[1].Signal(t, syscall.SIGTERM)
	if code := replicas[1].AwaitEnd(t); code != 0 {
		t.Errorf("an orderly end has the code %d", code)
	}
	kubetest.Eventually(t, limit, func() error { return r.acquired(t, fourth.user, killed, nil) })
	for i := range fleets {
		r.fleet(t, fmt.Sprint("f", i), each, "c")
	}
	for i := range fleets {
		kubetest.Eventually(t, limit, func() error { return r.inSync(t, fmt.Sprint("f", i), each) })
	}
	if err := r.writes(fourth.name); err != nil {
		t.Error(err)
	}
	for _, w := range r.site.log() {
		if w.replica == replicas[0].name && w.received.After(killed.Add(time.Second)) {
			t.Errorf("the killed replica sent %s %s", w.method, w.path)
		}
	}
	for name, n := range r.created() {
		if n > 1 {
			t.Errorf("%s was created %d times", name, n)
		}
	}
	all := r.site.sandboxes(t)
	for _, s := range all {
		if fleet := s.Labels["fleet-name"]; s.Labels["team"] != "c" || !strings.HasPrefix(s.Name, fleet+"-") {
			t.Errorf("sandbox %q has the labels %v", s.Name, s.Labels)
		}
	}
	if len(all) != fleets*each {
		t.Errorf("%d sandboxes, want %d", len(all), fleets*each)
	}
}

// writes returns an error unless a replica has written to Daytona.
func (r *rig) writes(replica string) error {
	for _, w := range r.site.log() {
		if w.replica == replica {
			return nil
		}
	}
	return fmt.Errorf("%s has written nothing", replica)
}
