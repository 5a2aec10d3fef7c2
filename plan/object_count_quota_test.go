package plan

import (
	"testing"

	"fleet/spec"
)

// The replacement of a snapshot or volume is blocked if it would exceed the quota of the
// organization. Deletions of the plan make room, and failed and inactive snapshots do not
// count.
func TestReplacementsWithinQuota(t *testing.T) {
	const a, b = "  a: {image: \"debian:12\"}\n", "  b: {image: \"debian:12\"}\n"
	const changed = "  a: {image: \"debian:13\", adopt: true}\n"
	const version12, version13 = "  a: {image: \"debian:12\", versioning: content}\n", "  a: {image: \"debian:13\", versioning: content}\n"
	const snapshots, owns = "snapshots:\n", "owns: {snapshots: [\"old-*\"], volumes: [\"old-*\"]}\n"
	const volumes = owns + "volumes: {c: {}}\n"
	snapshotsOf := func(used, total int) QuotaStatus { return QuotaStatus{Snapshots: used, SnapshotQuota: total} }
	volumesOf := func(used, total int) QuotaStatus { return QuotaStatus{Volumes: used, VolumeQuota: total} }
	const tooMany = "the quota for snapshots is 1, and 2 would be in use after this plan: the new one would be refused"
	const tooManyVolumes = "the quota for volumes is 1, and 2 would be in use after this plan: the new one would be refused"
	for _, c := range []struct {
		name, was, then, is string
		standing            QuotaStatus
		opts                Options
		want                string // reason of the block of snapshot a or volume c; "" for none
	}{
		{"fits", snapshots + a, "", snapshots + changed, snapshotsOf(1, 1), Options{}, ""},
		{"one is created, too", snapshots + a, "", snapshots + changed + b, snapshotsOf(1, 1), Options{}, tooMany},
		{"one is created, and one deleted", owns + snapshots + a + "  old-c: {image: \"debian:12\"}\n", "", owns + snapshots + changed + b, snapshotsOf(2, 2), Options{}, ""},
		{"the deleted one is inactive", owns + snapshots + a + "  old-c: {image: \"debian:12\"}\n", "snapshot.old-c inactive", owns + snapshots + changed + b, snapshotsOf(1, 1), Options{}, tooMany},
		{"it is in an error state", snapshots + a, "snapshot.a error: the reason", snapshots + a, snapshotsOf(1, 1), Options{}, tooMany},
		{"it is inactive", snapshots + a, "snapshot.a inactive", snapshots + changed, snapshotsOf(1, 1), Options{}, tooMany},
		{"another one is activated", snapshots + a + "  b: {image: \"debian:12\", active: true}\n", "snapshot.b inactive", snapshots + changed + "  b: {image: \"debian:12\", active: true}\n", snapshotsOf(1, 1), Options{}, tooMany},
		{"another one is deactivated", snapshots + a + b, "snapshot.a error: the reason", snapshots + a + "  b: {image: \"debian:12\", active: false}\n", snapshotsOf(1, 1), Options{}, ""},
		{"the limit was lowered", snapshots + a, "", snapshots + changed, snapshotsOf(2, 1), Options{}, tooMany},
		{"no limit is known", snapshots + a, "", snapshots + changed + b, snapshotsOf(9, 0), Options{}, ""},
		{"asked for", snapshots + a, "", snapshots + changed + b, snapshotsOf(1, 1), Options{IgnoreQuota: true}, ""},
		{"what is created is not selected", snapshots + a, "", snapshots + changed + b, snapshotsOf(1, 1), Options{Select: Selection{Targets: selectors(t, "snapshot.a")}}, ""},
		{"forced", snapshots + a, "", snapshots + a + b, snapshotsOf(1, 1), Options{Replace: selectors(t, "snapshot.a")}, tooMany},
		{"a new version", snapshots + version12, "", snapshots + version13, snapshotsOf(1, 1), Options{}, tooMany},
		{"a new version, the old one is kept", snapshots + version12, "", snapshots + "  a: {image: \"debian:13\", versioning: content, keep: 1}\n", snapshotsOf(1, 1), Options{}, tooMany},
		{"a new version, with room", snapshots + version12, "", snapshots + version13, snapshotsOf(1, 2), Options{}, ""},
		{"a new version, asked for", snapshots + version12, "", snapshots + version13, snapshotsOf(1, 1), Options{IgnoreQuota: true}, ""},
		{"the first version", snapshots + b, "", snapshots + b + version13, snapshotsOf(1, 1), Options{}, ""},
		{"volume in an error state", volumes, "volume.c error: the reason", volumes, volumesOf(0, 1), Options{}, ""},
		{"volume in an error state, and no room", volumes, "volume.c error: the reason", volumes, volumesOf(1, 1), Options{}, tooManyVolumes},
		{"volume in an error state, one deleted", owns + "volumes: {c: {}, old-d: {}}\n", "volume.c error: the reason", volumes, volumesOf(1, 1), Options{}, ""},
		{"volume, forced, and one created", volumes, "", owns + "volumes: {c: {}, d: {}}\n", volumesOf(1, 1), Options{Replace: selectors(t, "volume.c")}, tooManyVolumes},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.AllowDestroy = 9
			f := parse(t, c.is)
			w := newWorld(t, parse(t, c.was))
			if c.then != "" {
				w.applyEvent(t, parse(t, c.was), c.then)
			}
			w.QuotaStatus = &c.standing
			p := mustCompute(f, w, c.opts)
			for _, s := range p.Steps {
				got := ""
				if s.Blocked != nil {
					got = s.Blocked.Reason
				}
				switch s.Address {
				case spec.Address{Kind: spec.SnapshotKind, Key: "a"}, spec.Address{Kind: spec.VolumeKind, Key: "c"}:
					if newVersion := s.Action == Create && s.Want.Versioned(); s.Action != Replace && s.Action != Delete && s.Action != NoOp && !newVersion {
						t.Errorf("got %s", line(s))
					}
					same(t, "block", got, c.want)
				default:
					if s.Blocked != nil {
						t.Errorf("blocked: %s", line(s))
					}
				}
			}
		})
	}
}

// A snapshot that is deleted only after sandboxes that wait for a replacement makes no room
// for it.
func TestLateDeletionsMakeNoRoom(t *testing.T) {
	const owns = "owns: {snapshots: [\"old-*\"]}\n"
	was := owns + "snapshots: {base: {image: \"debian:12\"}, old-one: {image: \"debian:12\"}}\nsandboxes: {m: {snapshot: base}}\n"
	for _, c := range []struct {
		is, want string
	}{
		{owns + "snapshots: {base: {image: \"debian:13\"}, next: {image: \"debian:13\"}}\nsandboxes: {m: {snapshot: base}}\n", "the quota for snapshots is 2, and 3 would be in use after this plan: the new one would be refused"},
		{owns + "snapshots: {base: {image: \"debian:13\"}}\nsandboxes: {m: {snapshot: base}}\n", ""},
	} {
		w := newWorld(t, parse(t, was))
		w.QuotaStatus = &QuotaStatus{Snapshots: 2, SnapshotQuota: 2}
		got := ""
		if s := mustCompute(parse(t, c.is), w, Options{AllowDestroy: 9}).Steps[0]; s.Blocked != nil {
			got = s.Blocked.Reason
		}
		same(t, c.is, got, c.want)
	}
}
