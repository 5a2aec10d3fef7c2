package spec

import (
	"crypto/sha256"
	"testing"

	"fleet/internal/buildcontext"
)

// contextOf returns a manifest of files with a hash.
func contextOf(hash string, files ...string) buildcontext.Manifest {
	m := buildcontext.Manifest{Hash: hash}
	for i := 0; i < len(files); i += 2 {
		m.Files = append(m.Files, buildcontext.File{Path: files[i], Mode: 0o644, Digest: sha256.Sum256([]byte(files[i+1]))})
	}
	return m
}

func TestExplainImage(t *testing.T) {
	const from = "FROM a:1\nRUN b\nRUN c\n"
	app, changed := contextOf("1", "app/a.py", "1", "app/b.py", "2"), contextOf("2", "app/a.py", "3", "app/c.py", "4")
	tool, alone := contextOf("3", "tool/x/y", "1", "tool/z", "1"), contextOf("4", "requirements.txt", "1")
	mode := contextOf("5", "app/a.py", "1", "app/b.py", "2")
	mode.Files[1].Mode = 0o755
	known := map[string]buildcontext.Manifest{}
	for _, m := range []buildcontext.Manifest{app, changed, tool, alone, mode} {
		known[m.Hash] = m
	}
	find := func(hash string) (buildcontext.Manifest, bool) { m, ok := known[hash]; return m, ok }
	built := func(dockerfile string, contexts ...buildcontext.Manifest) Image {
		i := Image{Name: "py", Dockerfile: dockerfile}
		i.setContexts(contexts)
		return i
	}
	for name, c := range map[string]struct {
		have, want Image
		known      manifestLookup
		details    []string
	}{
		"a line":             {built(from), built("FROM a:1\nRUN x\nRUN c\n"), find, []string{"image py: Dockerfile line 2 changed"}},
		"two lines":          {built(from), built("FROM a:2\nRUN b\nRUN c\nRUN d\n"), find, []string{"image py: Dockerfile line 1 changed", "Dockerfile line 4 added"}},
		"a line less":        {built(from), built("FROM a:1\nRUN c\n"), find, []string{"image py: former Dockerfile line 2 removed"}},
		"a file":             {built(from, app, tool), built(from, changed, tool), find, []string{"image py: file app/a.py changed (3 of 5 files)", "file app/c.py added", "file app/b.py removed"}},
		"a mode":             {built(from, app), built(from, mode), find, []string{"image py: file app/b.py has another mode (1 of 2 files)"}},
		"files not known":    {built(from, app), built(from, changed), nil, []string{"image py: files of COPY app changed"}},
		"hash not known":     {built(from, app, contextOf("9")), built(from, changed), find, []string{"image py: files of COPY app changed"}},
		"a nested directory": {built(from), built(from, tool), nil, []string{"image py: files of COPY tool changed"}},
		"one file":           {built(from), built(from, alone), nil, []string{"image py: files of COPY requirements.txt changed"}},
		"no longer":          {built(from, app), built(from), nil, []string{"image py: files that were copied are no longer copied"}},
		"both":               {built(from, app), built("FROM a:1\nRUN b\nRUN x\n", mode), find, []string{"image py: Dockerfile line 3 changed", "file app/b.py has another mode (1 of 2 files)"}},
		"only comments":      {built(from), built("# x\n" + from), find, nil},
		"from a registry":    {Image{Name: "a:1", Dockerfile: "FROM a:1\n"}, Image{Name: "a:2", Dockerfile: "FROM a:2\n"}, find, nil},
		"pulled":             {Image{Name: "a:1"}, built(from), find, nil},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, "details", explainImage(c.want, c.have, c.known), c.details)
		})
	}
	same(t, "nothing", explainImage(built(from), nil, find), nil)
}

// TestExplainManyFiles: only some of many differences are listed.
func TestExplainManyFiles(t *testing.T) {
	before, after := buildcontext.Manifest{Hash: "1"}, buildcontext.Manifest{Hash: "2"}
	for c := 'a'; c <= 'z'; c++ {
		before.Files = append(before.Files, contextOf("", string(c), "1").Files...)
		after.Files = append(after.Files, contextOf("", string(c), "2").Files...)
	}
	have, want := Image{Dockerfile: "FROM a\n", ContextHashes: []string{"1"}}, Image{Dockerfile: "FROM a\n"}
	want.setContexts([]buildcontext.Manifest{after})
	got := explainImage(want, have, func(string) (buildcontext.Manifest, bool) { return before, true })
	same(t, "count", len(got), maxImageDetails+1)
	same(t, "first", got[0], "file a changed (26 of 26 files)")
	same(t, "last", got[maxImageDetails], "and 16 more differences")
}
