package cli

import (
	"archive/tar"
	"cmp"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"fleet/internal/render"
	"fleet/internal/tooltest"
)

func TestBuild(t *testing.T) {
	checkedOut := archived
	const revision = "0123456789abcdef0123456789abcdef01234567"
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.time", Value: "2026-11-29T20:00:00Z"}, {Key: "vcs.modified", Value: "true"}}
	for name, test := range map[string]struct {
		linked [3]string // release, commit, date
		stamp  string    // of archived.txt
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
		"archive of git":         {stamp: "abc 2026-01-02T03:04:05+01:00\n", info: &debug.BuildInfo{}, want: render.Build{Version: "dev", Commit: "abc", Date: "2026-01-02T03:04:05+01:00"}},
		"archive elsewhere":      {stamp: "abc 2026-01-02T03:04:05Z\n", info: &debug.BuildInfo{Settings: vcs}, want: render.Build{Version: "dev", Commit: "abc", Date: "2026-01-02T03:04:05Z"}},
		"archive of a release":   {linked: [3]string{"v1.2.3", "abd", "2026-01-02T03:04:06Z"}, stamp: "abc 2026-01-02T03:04:05Z\n", want: render.Build{Version: "v1.2.3", Commit: "abd", Date: "2026-01-02T03:04:06Z"}},
		"odd archive":            {stamp: "$Format:%H$\n", want: render.Build{Version: "dev"}},
		"go install of a tag":    {info: &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, want: render.Build{Version: "v1.2.3"}},
	} {
		release, commit, date = test.linked[0], test.linked[1], test.linked[2]
		archived = cmp.Or(test.stamp, checkedOut)
		if got := buildOf(test.info); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
	release, commit, date, archived = "", "", "", checkedOut
}

// git writes the commit and its date into archives.
func TestArchive(t *testing.T) {
	const root = "../.."
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("these sources are no checkout")
	}
	git := tooltest.Path(t, "git")
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	head := run("log", "-1", "--format=%H %cI")
	archive := tar.NewReader(strings.NewReader(run("archive", "HEAD", "internal/cli/archived.txt")))
	for {
		file, err := archive.Next()
		if err != nil {
			t.Fatalf("archived.txt: %v", err)
		}
		if file.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(archive)
		if commit, date := archiveStamp(string(text)); err != nil || commit+" "+date+"\n" != head {
			t.Errorf("%s is %q, read as %q, %q (%v); want %q", file.Name, text, commit, date, err, head)
		}
		return
	}
}
