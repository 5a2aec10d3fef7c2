package apply_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/observe"
	"fleet/plan"
)

// TestLongestRequest checks that the plan blocks exactly the creations whose requests
// are longer than the server reads.
func TestLongestRequest(t *testing.T) {
	const head = "version: 1\nname: long\n"
	for name, text := range map[string]string{
		"snapshot":       head + "images: {i: {dockerfile: \"FROM debian:12\\nENV A=%s\\n\"}}\nsnapshots: {s: {image: i}}\n",
		"sandbox":        head + "sandboxes: {b: {snapshot: daytona-small, env_vars: {A: \"<%s\"}, labels: {a: b}}}\n",
		"linked sandbox": head + "sandboxes:\n  a: {snapshot: daytona-small}\n  b: {snapshot: daytona-small, ephemeral: true, linked_sandbox: a, env_vars: {A: \"%s\"}}\n",
	} {
		for _, region := range []string{"", "eu"} {
			t.Run(name+" "+region, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDaytona(t, emulator.Options{})
					defer d.close()
					planOf := func(n int, blind bool) *plan.Plan {
						long := strings.Repeat("x", n)
						if name == "snapshot" { // a Dockerfile has no line of more than 64 kB
							long = inLines(long)
						}
						f := parse(t, fmt.Sprintf(text, long))
						opts := plan.Options{DefaultRegion: region}
						w, err := observe.Observe(context.Background(), d.api, observe.Scope{Fleet: f, Plan: &opts})
						if err != nil {
							t.Fatal(err)
						}
						if blind {
							w.Facts.MaxBody = 0
						}
						return mustCompute(t, f, w, opts)
					}
					const rest = 4096 // the request has fewer other bytes
					if len(planOf(client.MaxBody-rest, false).Blocked()) > 0 {
						t.Fatalf("a request with %d bytes more is blocked", client.MaxBody-rest)
					}
					blocked := client.MaxBody - rest + sort.Search(rest, func(n int) bool { return len(planOf(client.MaxBody-rest+n, false).Blocked()) > 0 })
					run := func(n int) *apply.Report {
						return apply.Run(context.Background(), d.api, planOf(n, true), apply.Options{Target: region}, func(apply.Event) {})
					}
					if r := run(blocked); failures(r) != 1 || client.ErrorClassOf(r.Results[len(r.Results)-1].Err) != client.NotSupported {
						t.Errorf("the server reads the request with %d bytes more\n%s", blocked, outcome(r))
					}
					if r := run(blocked - 1); !r.OK() {
						t.Error(outcome(r))
					}
				})
			})
		}
	}
}

// inLines spreads a text over comment lines of a Dockerfile, which has no line of more than
// 64 kB. In JSON, the result is as long as the text.
func inLines(text string) string {
	const width, added = 60000, len(`\n#`)
	var comments strings.Builder
	for len(text) > width {
		comments.WriteString(`\n#` + text[:width-added])
		text = text[width:]
	}
	return text + comments.String()
}
