package doctor

import (
	"errors"
	"testing"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func parse(t *testing.T, text string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sound returns an observation without a finding.
func sound() *Observation {
	return &Observation{
		Now: now, Server: client.ServerConfig{Version: "0.205.0"}, World: &plan.World{Objects: plan.Objects{}},
		Key:   &client.Key{Name: "ci", Permissions: []string{"write:sandboxes", "delete:sandboxes"}},
		Usage: &client.Usage{Regions: []client.RegionUsage{{RegionID: "us", CPU: 8, CPUQuota: 10}}},
		Rates: map[client.RateClass]client.Rate{client.RateCreate: {Limit: 240, ServerLimit: 300, Window: time.Minute}},
	}
}

func TestDiagnose(t *testing.T) {
	for name, c := range map[string]struct {
		spec  string
		spoil func(*Observation)
		check string
		level Level
		text  string
	}{
		"sound": {"", func(*Observation) {}, "server", OK, "version 0.205.0"},
		"rates": {"", func(*Observation) {}, "rate limits", OK, "300 creates in 1 min"},
		"default rates": {"", func(x *Observation) {
			x.Rates[client.RateGeneral] = client.Rate{ServerLimit: 600, Window: time.Minute, IsDefault: true}
		}, "rate limits", OK, "300 creates in 1 min; by the server's defaults, which an organisation may override: 600 other requests in 1 min"},
		"no own rates": {"", func(x *Observation) {
			x.Rates = map[client.RateClass]client.Rate{client.RateCreate: {ServerLimit: 300, Window: time.Minute, IsDefault: true}}
		}, "rate limits", Unknown, "by the server's defaults, which an organisation may override: 300 creates in 1 min"},
		"no rates":       {"", func(x *Observation) { x.Rates = nil }, "rate limits", Unknown, "the server does not report them"},
		"maintenance":    {"", func(x *Observation) { x.Server.Maintenance = true }, "server", Finding, "version 0.205.0, closed for maintenance"},
		"no version":     {"", func(x *Observation) { x.Server.Version = "" }, "server", Unknown, "it does not report its version"},
		"old server":     {"", func(x *Observation) { x.Server.Version = "0.100.0" }, "server", Finding, "version 0.100.0; fleet knows servers from 0.190.0 on"},
		"too new a spec": {"sandboxes: {web: {kvm: true}}", func(*Observation) {}, "server", Finding, "version 0.205.0, and kvm of sandbox.web needs 0.220.0"},
		"clock":          {"", func(x *Observation) { x.Skew = -2 * time.Minute }, "clock", Finding, "this machine's clock is 2 min ahead of the server's"},
		"nearly":         {"", func(x *Observation) { x.Skew = 9 * time.Second }, "clock", OK, "as the server's"},
		"permissions": {
			"volumes: {cache: {}}", func(*Observation) {}, "credentials", Finding,
			`the API key "ci" lacks read:volumes, write:volumes, delete:volumes`,
		},
		"expiry":    {"", func(x *Observation) { x.Key.ExpiresAt = now.Add(50 * time.Hour) }, "credentials", Finding, `the API key "ci" expires in 2 d 2 h`},
		"no key":    {"", func(x *Observation) { x.Key = nil }, "credentials", Unknown, "the server does not describe them"},
		"token":     {"", func(x *Observation) { x.Key, x.Organization = nil, &client.Organization{} }, "credentials", OK, "a token"},
		"suspended": {"", func(x *Observation) { x.Organization = &client.Organization{Suspended: true, SuspensionReason: "bill"} }, "organisation", Finding, "it is suspended: bill"},
		"suspension that is over": {"", func(x *Observation) {
			x.Organization = &client.Organization{Suspended: true, SuspendedUntil: now.Add(-time.Hour)}
		}, "organisation", OK, "not suspended"},
		"suspension unknown": {"", func(*Observation) {}, "organisation", Unknown, "whether it is suspended cannot be read with an API key; the Daytona dashboard shows it"},
		"quota":              {"", func(*Observation) {}, "quota", OK, "8 of 10 vCPU in us in use"},
		"full":               {"", func(x *Observation) { x.Usage.Regions[0].CPU = 9 }, "quota", Finding, "9 of 10 vCPU in us in use"},
		"no usage":           {"", func(x *Observation) { x.Usage = nil }, "quota", Unknown, "these credentials may not read it (read:limits)"},
		"foreign errors": {
			"", func(x *Observation) {
				x.World.Objects[spec.SandboxKind] = []*plan.Object{{Name: "a", State: "error", TargetState: "error", Failed: true}}
			}, "unowned", Note, "sandboxes that no fleet owns: 1",
		},
		"meant to be inactive": {
			"snapshots: {base: {image: \"a:1\", active: false}}", func(x *Observation) {
				x.Key = nil
				x.World.Objects[spec.SnapshotKind] = []*plan.Object{{Name: "base", State: "inactive", TargetState: "inactive"}}
			}, "sandboxes", OK, "0, 0 started",
		},
		"no registry": {"sandboxes: {web: {image: \"ghcr.io/a/b:1\"}}", func(x *Observation) { x.RegistriesErr = errors.New("refused") }, "sandboxes", OK, "0, 0 started"},
		"registry": {
			"sandboxes: {web: {image: \"r.example.com:5000/a:1\"}}", func(x *Observation) {
				x.Registries = []client.Registry{{URL: "https://other.example.com"}, {URL: "https://R.example.com:5000/v2"}}
			}, "registries", OK, "Daytona knows r.example.com:5000",
		},
		"registry of a stage": {
			"images: {i: {dockerfile: \"FROM a:1\\nCOPY --from=r.example.com/b:1 /a /b\\n\"}}\nsandboxes: {web: {image: i}}\nsnapshots: {s: {image: \"q.example.com/b:1\"}}", func(x *Observation) {
				x.Registries, x.Key = []client.Registry{{URL: "q.example.com"}}, nil
			}, "registries", Finding, "Daytona does not know r.example.com (image.i)",
		},
		"unknown registries": {
			"sandboxes: {web: {image: \"r.example.com/a:1\"}}", func(x *Observation) { x.RegistriesErr = errors.New("refused") },
			"registries", Unknown, "whether Daytona knows r.example.com cannot be read with these credentials",
		},
		"broken volume": {
			"volumes: {cache: {}}", func(x *Observation) {
				x.World.Objects[spec.VolumeKind] = []*plan.Object{{Name: "cache", State: "error", TargetState: "error", Failed: true}}
			}, "broken", Finding, "snapshots and volumes in an error state: 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := sound()
			c.spoil(x)
			checks := Diagnose(parse(t, c.spec), x)
			for _, got := range checks {
				if got.Name != c.check {
					continue
				}
				if got.Level != c.level || got.Text != c.text {
					t.Errorf("got %s: %s, want %s: %s", got.Level, got.Text, c.level, c.text)
				}
				if Healthy(checks) != (c.level != Finding) {
					t.Errorf("healthy is %v in %+v", Healthy(checks), checks)
				}
				return
			}
			t.Errorf("no check %s in %+v", c.check, checks)
		})
	}
}
