#!/bin/sh
# A leader of client-go leads on after it has seen that another process holds its lease.
#
# Expected:    the context that OnStartedLeading received ends as soon as the elector reads another holder from the lease.
# Behaviour:   IsLeader is false from then on, but the context stays alive until RenewDeadline has passed without a renewal:
#              10 seconds with the values that controllers use. The new holder works meanwhile.
# Version:     k8s.io/client-go 0.37.2.
# Consequence: after a process was frozen and continues, it writes beside the process that took over. Work that must have
#              one writer has to check the time of the last renewal before each write, and not the context.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"
)

// A lease is the record of a lease in memory.
type lease struct {
	mu     sync.Mutex
	record resourcelock.LeaderElectionRecord
}

func (l *lease) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	raw, err := json.Marshal(l.record)
	r := l.record
	return &r, raw, err
}

func (l *lease) Create(ctx context.Context, r resourcelock.LeaderElectionRecord) error { return l.Update(ctx, r) }

func (l *lease) Update(_ context.Context, r resourcelock.LeaderElectionRecord) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.record.HolderIdentity == "b" {
		return fmt.Errorf("the lease was changed")
	}
	l.record = r
	return nil
}

func (l *lease) take(holder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := metav1.Now()
	l.record = resourcelock.LeaderElectionRecord{HolderIdentity: holder, LeaseDurationSeconds: 60, AcquireTime: now, RenewTime: now}
}

func (l *lease) RecordEvent(string) {}
func (l *lease) Identity() string   { return "a" }
func (l *lease) Describe() string   { return "lease" }

func main() {
	klog.SetLogger(klog.Logger{})
	l, leads, ended := &lease{}, make(chan context.Context, 1), make(chan struct{})
	l.record.LeaseDurationSeconds = 1
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: l, LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: time.Second,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { leads <- ctx },
			OnStoppedLeading: func() { close(ended) },
		},
	})
	if err != nil {
		panic(err)
	}
	go elector.Run(context.Background())
	ctx := <-leads
	l.take("b")
	for elector.IsLeader() {
		time.Sleep(10 * time.Millisecond)
	}
	seen := time.Now()
	fmt.Printf("the elector knows that %s holds the lease; its context has ended: %t\n", elector.GetLeader(), ctx.Err() != nil)
	<-ended
	fmt.Printf("its context ended more than 5 seconds later: %t\n", time.Since(seen) > 5*time.Second)
}
GO
{
	go mod init finding
	go get k8s.io/client-go@v0.37.2 k8s.io/apimachinery@v0.37.2 k8s.io/klog/v2
	go mod tidy
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
the elector knows that b holds the lease; its context has ended: false
its context ended more than 5 seconds later: true
WANT
