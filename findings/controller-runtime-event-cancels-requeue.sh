#!/bin/sh
# An event of an object cancels its RequeueAfter, since controller-runtime has a priority queue.
#
# Expected:    RequeueAfter is a promise: whatever happens before, the object is reconciled once the time has passed. That
#              was so with the queue of client-go, which controllers had before.
# Behaviour:   the priority queue, the default now, keeps one entry for each object, with the shortest of its times. An event
#              moves the entry to the front, and the later time is forgotten.
# Version:     sigs.k8s.io/controller-runtime 0.25.2, k8s.io/client-go 0.37.2.
# Consequence: a controller that returns RequeueAfter once, and nothing when it finds nothing to do on an event, stops
#              looking at the outside world after the first event. Each successful path has to return it again.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
)

// try adds an object for later and for now, and counts how often it comes.
func try(name string, q workqueue.TypedRateLimitingInterface[string]) {
	q.AddAfter("object", 2*time.Second)
	q.Add("object")
	times := make(chan struct{}, 10)
	go func() {
		for {
			item, closed := q.Get()
			if closed {
				return
			}
			times <- struct{}{}
			q.Done(item)
		}
	}()
	time.Sleep(4 * time.Second)
	q.ShutDown()
	fmt.Printf("%s: %d\n", name, len(times))
}

func main() {
	try("client-go", workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()))
	try("controller-runtime", priorityqueue.New[string]("finding"))
}
GO
{
	go mod init finding
	go get sigs.k8s.io/controller-runtime@v0.25.2 k8s.io/client-go@v0.37.2
	go mod tidy
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
client-go: 2
controller-runtime: 1
WANT
