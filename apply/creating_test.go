package apply_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestCreating checks that the caller learns of a creation before it is sent, and of the
// id even if the response was lost. With both, the snapshot is known to be the fleet's
// when its content changes.
func TestCreating(t *testing.T) {
	const (
		one = "version: 1\nname: demo\nsnapshots: {base: {image: 'debian:11'}}"
		two = "version: 1\nname: demo\nsnapshots: {base: {image: 'debian:12'}}"
	)
	for _, lost := range []int{0, 1} {
		t.Run(fmt.Sprintf("%d answers are lost", lost), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Build: time.Second}})
				defer d.close()
				api, err := client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: &loser{next: inProcess{d.handler}, at: lost}})
				if err != nil {
					t.Fatal(err)
				}
				var told []plan.Creation
				r := apply.Run(context.Background(), api, d.plan(parse(t, one), plan.Options{}), apply.Options{OnSnapshotCreate: func(s *plan.Step, id string) {
					told = append(told, plan.Creation{Name: s.Name, ID: id, Recipe: s.Want.SourceDigest(), At: time.Now()})
				}}, func(apply.Event) {})
				if !r.OK() || len(told) != 2 || told[0].ID != "" || told[1].ID == "" {
					t.Fatalf("told were %v:\n%s", told, outcome(r))
				}
				for i, opts := range []plan.Options{{}, {Creations: told[:1]}, {Creations: told[1:]}} {
					if blocked := len(d.plan(parse(t, two), opts).Blocked()); (blocked == 0) != (i > 0) {
						t.Errorf("with %v, %d steps are blocked", opts.Creations, blocked)
					}
				}
			})
		})
	}
}
