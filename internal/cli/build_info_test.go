package cli

import (
	"runtime/debug"
	"testing"

	"fleet/internal/render"
)

func TestBuild(t *testing.T) {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.time", Value: "2026-11-29T20:00:00Z"}, {Key: "vcs.modified", Value: "true"}}
	for name, test := range map[string]struct {
		linked [3]string // release, commit, date
		info   *debug.BuildInfo
		want   render.Build
	}{
		"no information":         {want: render.Build{Version: "dev"}},
		"go build without git":   {info: &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, want: render.Build{Version: "dev"}},
		"make without git stamp": {linked: [3]string{"", "abc", "2026-01-02T03:04:05Z"}, info: &debug.BuildInfo{}, want: render.Build{Version: "dev", Commit: "abc", Date: "2026-01-02T03:04:05Z"}},
		"release":                {linked: [3]string{"v1.2.3", "abc", "2026-01-02T03:04:05Z"}, info: &debug.BuildInfo{Settings: vcs}, want: render.Build{Version: "v1.2.3", Commit: "abc", Date: "2026-01-02T03:04:05Z"}},
		"make in a changed tree": {linked: [3]string{"", revision, "2026-11-29T20:00:00Z"}, info: &debug.BuildInfo{Settings: vcs}, want: render.Build{Version: "dev", Commit: revision, Date: "2026-11-29T20:00:00Z", Modified: true}},
		"go build":               {info: &debug.BuildInfo{Settings: vcs}, want: render.Build{Version: "dev", Commit: revision, Date: "2026-11-29T20:00:00Z", Modified: true}},
		"go install of a commit": {info: &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261129200000-0123456789ab"}}, want: render.Build{Version: "v0.0.0-20261129200000-0123456789ab", Commit: "0123456789ab", Date: "2026-11-29T20:00:00Z"}},
		"commit after a tag":     {info: &debug.BuildInfo{Main: debug.Module{Version: "v1.2.4-0.20261129200000-0123456789ab+dirty"}}, want: render.Build{Version: "v1.2.4-0.20261129200000-0123456789ab+dirty", Commit: "0123456789ab", Date: "2026-11-29T20:00:00Z", Modified: true}},
		"go install of a tag":    {info: &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, want: render.Build{Version: "v1.2.3"}},
	} {
		release, commit, date = test.linked[0], test.linked[1], test.linked[2]
		if got := buildOf(test.info); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
	release, commit, date = "", "", ""
}
