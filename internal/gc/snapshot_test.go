package gc

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/plan"
	"fleet/spec"
)

// TestCollectSnapshots checks which snapshots --snapshots selects.
func TestCollectSnapshots(t *testing.T) {
	base := "snapshots:\n  base: {image: \"python:3.13\", versioning: content}\n"
	fixed := "snapshots:\n  fixed: {image: \"python:3.13\"}\n"
	v11, v13 := versionOf(t, "python:3.11"), versionOf(t, "python:3.13")
	former := func(state string) *plan.Object { return image(t, "base-"+v11, "python:3.11", state) }
	record := func(o *plan.Object) []plan.Creation { return []plan.Creation{{Name: o.Name, ID: o.ID}} }
	none := 0
	for name, c := range map[string]struct {
		spec    string
		objects []*plan.Object
		users   []*plan.Object
		opts    Options
		want    string
	}{
		"former":           {base, []*plan.Object{former("active")}, nil, Options{}, "delete snapshot.base-" + v11 + ": a former version of snapshot.base\n"},
		"former, inactive": {base, []*plan.Object{former("inactive")}, nil, Options{}, "delete snapshot.base-" + v11 + ": a former version of snapshot.base\n"},
		"former, failed, in spite of keep": {
			"snapshots:\n  base: {image: \"python:3.13\", versioning: content, keep: 3}\n",
			[]*plan.Object{former("build_failed")},
			nil,
			Options{},
			"delete snapshot.base-" + v11 + ": a former version of snapshot.base, in state build_failed\n",
		},
		"in use by an archived sandbox of others": {
			base,
			[]*plan.Object{former("active")},
			[]*plan.Object{from(t, box(t, "theirs", "archived", spec.FleetLabel+"=other", spec.KeyLabel+"=theirs"), "base-"+v11)},
			Options{},
			"keep snapshot.base-" + v11 + ": a former version of snapshot.base; spared: sandbox \"theirs\" is made from it\n",
		},
		"in use by a failed sandbox": {
			base,
			[]*plan.Object{former("active")},
			[]*plan.Object{from(t, box(t, "broken", "error"), "base-"+v11)},
			Options{},
			"keep snapshot.base-" + v11 + ": a former version of snapshot.base; spared: sandbox \"broken\" is made from it\n",
		},
		"the user is being deleted": {
			base,
			[]*plan.Object{former("active")},
			[]*plan.Object{with(from(t, box(t, "old", "destroying"), "base-"+v11), func(o *plan.Object) { o.TargetState = "destroyed" })},
			Options{},
			"delete snapshot.base-" + v11 + ": a former version of snapshot.base\n",
		},
		"current": {base, []*plan.Object{image(t, "base-"+v13, "python:3.13", "active")}, nil, Options{Keep: &none}, ""},
		"current, failed": {
			base,
			[]*plan.Object{image(t, "base-"+v13, "python:3.13", "build_failed")},
			nil,
			Options{},
			"delete snapshot.base: it is in state build_failed\n",
		},
		"fixed, failed and not proven":           {fixed, []*plan.Object{image(t, "fixed", "python:3.13", "error")}, nil, Options{}, ""},
		"fixed, failed and recorded":             {fixed, []*plan.Object{image(t, "fixed", "python:3.13", "error")}, nil, Options{Created: []plan.Creation{{Name: "fixed", ID: "id-fixed"}}}, "delete snapshot.fixed: it is in state error\n"},
		"a general one of the name":              {base, []*plan.Object{with(former("active"), func(o *plan.Object) { o.Shared = true })}, nil, Options{}, ""},
		"not proven":                             {base, []*plan.Object{image(t, "base-"+v11, "python:3.12", "active")}, nil, Options{Keep: &none}, "keep snapshot.base-" + v11 + ": has the name of a version of snapshot.base, and nothing proves that this fleet created it\n"},
		"recorded":                               {base, []*plan.Object{image(t, "base-"+v11, "python:3.12", "active")}, nil, Options{Created: record(former("active"))}, "delete snapshot.base-" + v11 + ": a former version of snapshot.base\n"},
		"an orphan is no version":                {base, []*plan.Object{image(t, "base-v1", "python:3.11", "active")}, nil, Options{Created: []plan.Creation{{Name: "base-v1", ID: "id-base-v1"}}}, ""},
		"of another snapshot":                    {fixed, []*plan.Object{former("active")}, nil, Options{}, ""},
		"trial":                                  {fixed, []*plan.Object{image(t, "fixed-"+v13+".trial", "python:3.13", "active")}, nil, Options{}, "delete snapshot.fixed-" + v13 + ".trial: an interrupted replacement of snapshot.fixed left it\n"},
		"trial of another content":               {fixed, []*plan.Object{image(t, "fixed-"+v13+".trial", "python:3.11", "active")}, nil, Options{Keep: &none}, "keep snapshot.fixed-" + v13 + ".trial: has the name of a version of snapshot.fixed, and nothing proves that this fleet created it\n"},
		"trial that another run may just use":    {fixed, []*plan.Object{with(image(t, "fixed-"+v13+".trial", "python:3.13", "active"), func(o *plan.Object) { o.Created, o.LastActive = now.Add(-time.Minute), time.Time{} })}, nil, Options{}, "keep snapshot.fixed-" + v13 + ".trial: an interrupted replacement of snapshot.fixed left it; spared: it was used 1 min ago\n"},
		"trial that is being built":              {fixed, []*plan.Object{with(image(t, "fixed-"+v13+".trial", "python:3.13", "building"), func(o *plan.Object) { o.TargetState = "active" })}, nil, Options{}, "keep snapshot.fixed-" + v13 + ".trial: an interrupted replacement of snapshot.fixed left it; spared: it is in state building\n"},
		"pinned":                                 {"snapshots:\n  base: {image: \"python:3.13\", versioning: content, pin: " + v11 + "}\n", []*plan.Object{former("active"), image(t, "base-"+v13, "python:3.13", "active")}, nil, Options{}, "keep snapshot.base-" + v13 + ": spared: it is the version of the declared content, while another one is pinned\n"},
		"pinned, and nothing is to be kept":      {"snapshots:\n  base: {image: \"python:3.13\", versioning: content, pin: " + v11 + "}\n", []*plan.Object{former("active"), image(t, "base-"+v13, "python:3.13", "active")}, nil, Options{Keep: &none}, "delete snapshot.base-" + v13 + ": a version of snapshot.base that is not pinned\n"},
		"pinned and failed":                      {"snapshots:\n  base: {image: \"python:3.13\", versioning: content, pin: " + v11 + "}\n", []*plan.Object{former("error")}, nil, Options{Keep: &none}, ""},
		"released":                               {"removed: [{from: snapshot.base-" + v11 + ", destroy: false}]\n" + base, []*plan.Object{former("active")}, nil, Options{Keep: &none}, "keep snapshot.base-" + v11 + ": spared: the spec releases it\n"},
		"protected":                              {"snapshots:\n  base: {image: \"python:3.13\", versioning: content, protect: true}\n", []*plan.Object{former("active")}, nil, Options{}, "keep snapshot.base-" + v11 + ": a former version of snapshot.base; spared: it is protected\n"},
		"the one from before it had versions":    {base, []*plan.Object{image(t, "base", "python:3.11", "active")}, nil, Options{Created: []plan.Creation{{Name: "base", ID: "id-base"}}}, "delete snapshot.base@id-base: a former version of snapshot.base\n"},
		"one from before it had versions, alien": {base, []*plan.Object{image(t, "base", "python:3.11", "active")}, nil, Options{Keep: &none}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := &plan.World{Objects: plan.Objects{spec.SnapshotKind: c.objects, spec.SandboxKind: c.users}}
			c.opts.Now, c.opts.Snapshots = now, true
			_, p := Collect(parse(t, c.spec), w, nil, c.opts)
			if diff := cmp.Diff(c.want, story(p)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			c.opts.Snapshots = false
			if _, p := Collect(parse(t, c.spec), w, nil, c.opts); !p.Empty() {
				t.Errorf("without --snapshots: %s", story(p))
			}
		})
	}
}

// TestCollectUnknownVersion checks that versions stay if it is not known which one is
// declared.
func TestCollectUnknownVersion(t *testing.T) {
	f, err := spec.Options{Unset: spec.UnsetAll}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nenv: [TAG]\nsnapshots: {base: {image: 'python:${env.TAG}', versioning: content}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	o := image(t, "base-"+versionOf(t, "python:3.11"), "python:3.11", "active")
	w := &plan.World{Objects: plan.Objects{spec.SnapshotKind: {o}}}
	none := 0
	r, p := Collect(f, w, nil, Options{Now: now, Snapshots: true, Keep: &none, Created: []plan.Creation{{Name: o.Name, ID: o.ID}}})
	if !p.Empty() || len(r.OrphanSnapshots) > 0 {
		t.Errorf("%s%v", story(p), r.OrphanSnapshots)
	}
}
