package apply_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
)

// A loser loses the response to one of the writing requests.
type loser struct {
	next http.RoundTripper
	at   int // which, from 1
	sent int
}

func (l *loser) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(req)
	if req.Method == http.MethodGet || err != nil {
		return res, err
	}
	if l.sent++; l.sent != l.at {
		return res, err
	}
	return nil, io.ErrUnexpectedEOF
}

// TestLostAnswers checks that a change whose response was lost is waited for like any
// other, since it may have started. Commands in sandboxes may have run, and are not run
// twice.
func TestLostAnswers(t *testing.T) {
	for _, w := range ways {
		if strings.Contains(w.before+w.after, "exec") {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			for at, sent := 1, 1; at <= sent; at++ {
				synctest.Test(t, func(t *testing.T) {
					const some = time.Second
					d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: some, Delete: some, Stop: some, Start: some, Resize: some}})
					defer d.close()
					d.settled(fmt.Sprintf(solo, w.before))
					f := parse(t, fmt.Sprintf(solo, w.after))
					p := d.plan(f, plan.Options{AllowDestroy: 10})
					line := &loser{next: inProcess{d.handler}, at: at}
					api, err := client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: line})
					if err != nil {
						t.Fatal(err)
					}
					r := apply.Run(context.Background(), api, p, apply.Options{}, func(apply.Event) {})
					if sent = line.sent; !r.OK() {
						t.Errorf("answer %d was lost:\n%s", at, outcome(r))
					}
					if p := d.plan(f, plan.Options{}); !p.Empty() {
						t.Errorf("answer %d was lost, and there is to do:\n%s", at, story(p))
					}
				})
			}
		})
	}
}
