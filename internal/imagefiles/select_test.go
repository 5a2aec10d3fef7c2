package imagefiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/buildcontext"
	"fleet/internal/image"
)

// tree writes files into a new working directory. A name that ends in a slash is a
// directory.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		dir := filepath.Dir(name)
		if strings.HasSuffix(name, "/") {
			dir = name
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if dir == name {
			continue
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var files = map[string]string{
	"spec/a.txt": "a", "spec/b.txt": "b", "spec/app/main.py": "x", "spec/we[i]rd*": "x", "spec/.dockerignore": "b.txt\n", "spec/empty/": "",
	"other/c.txt": "c", "other/lib/d.txt": "d", "other/.dockerignore": "lib\n", "spec/Big.Dockerfile.dockerignore": "a.txt\n",
}

func TestSelect(t *testing.T) {
	tree(t, files)
	absolute, err := filepath.Abs("other/c.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		source image.Source
		want   []string // the directory, the path and the path in the archive
	}{
		"a file":         {image.Source{Root: "spec", Pattern: "a.txt"}, []string{"spec a.txt a.txt"}},
		"a pattern":      {image.Source{Root: "spec", Pattern: "*.txt", IsPattern: true}, []string{"spec a.txt a.txt"}},
		"other ignores":  {image.Source{Root: "spec", Pattern: "*.txt", IsPattern: true, DockerfilePath: "spec/Big.Dockerfile"}, []string{"spec b.txt b.txt"}},
		"all":            {image.Source{Root: "spec", Pattern: "."}, []string{"spec . ."}},
		"a literal":      {image.Source{Root: "spec", Pattern: "we[i]rd*"}, []string{"spec we[i]rd* we[i]rd*"}},
		"a step":         {image.Source{Root: "spec", Pattern: "./app/", Archive: "app", Kind: image.DirSource}, []string{"spec app app"}},
		"an odd name":    {image.Source{Root: "spec", Pattern: "we[i]rd*", Archive: "we[i]rd*", Kind: image.FileSource}, []string{"spec we[i]rd* we[i]rd*"}},
		"beside":         {image.Source{Root: "spec", Pattern: "../other/c.txt", Archive: "other/c.txt", Kind: image.FileSource}, []string{"other c.txt other/c.txt"}},
		"beside, a tree": {image.Source{Root: "spec", Pattern: "../other", Archive: "other", Kind: image.DirSource}, []string{"other . other"}},
		"absolute":       {image.Source{Root: "spec", Pattern: absolute, Archive: "c.txt"}, []string{filepath.Dir(absolute) + " c.txt c.txt"}},
		"absolute below": {image.Source{Root: "other", Pattern: absolute, Archive: "c.txt"}, []string{"other c.txt c.txt"}},
	} {
		t.Run(name, func(t *testing.T) {
			sources, err := NewSelector(nil, nil).Select(c.source)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range sources {
				got = append(got, s.Root+" "+s.Path+" "+s.Archive)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSelectProblems(t *testing.T) {
	tree(t, files)
	for name, c := range map[string]struct {
		source image.Source
		want   string
	}{
		"missing":             {image.Source{Root: "spec", Pattern: "x.txt"}, "x.txt not found in the build context spec"},
		"missing step":        {image.Source{Root: "spec", Pattern: "x.txt", Archive: "x.txt"}, "x.txt not found in the build context spec"},
		"missing beside":      {image.Source{Root: "spec", Pattern: "../x.txt", Archive: "x.txt"}, "../x.txt not found"},
		"no match":            {image.Source{Root: "spec", Pattern: "*.x", IsPattern: true}, "*.x not found in the build context spec"},
		"ignored":             {image.Source{Root: "spec", Pattern: "b.txt"}, "b.txt is ignored (spec/.dockerignore:1)"},
		"outside":             {image.Source{Root: "spec", Pattern: "../other/c.txt"}, "../other/c.txt leads out of the build context spec"},
		"a directory":         {image.Source{Root: "spec", Pattern: "app", Archive: "app", Kind: image.FileSource}, "is a directory, and a file is expected"},
		"a file":              {image.Source{Root: "spec", Pattern: "a.txt", Archive: "a.txt", Kind: image.DirSource}, "is not a directory"},
		"no context":          {image.Source{Root: "nowhere", Pattern: "a.txt"}, "nowhere: no such file"},
		"a file as a context": {image.Source{Root: "spec/a.txt", Pattern: "a.txt"}, "not a directory"},
		"an empty directory":  {image.Source{Root: "spec", Pattern: "empty"}, "empty has no files that are sent"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewSelector(nil, nil).Select(c.source); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// TestSelectAllowed: no file of a directory that is not allowed is sent.
func TestSelectAllowed(t *testing.T) {
	tree(t, files)
	refused := errors.New("refused")
	x := NewSelector(func(dir string) error {
		if dir != "spec" {
			return refused
		}
		return nil
	}, nil)
	if _, err := x.Select(image.Source{Root: "spec", Pattern: "a.txt"}); err != nil {
		t.Error(err)
	}
	for _, s := range []image.Source{
		{Root: "other", Pattern: "c.txt"}, {Root: "spec", Pattern: "../other/c.txt", Archive: "c.txt"}, {Root: "spec", Pattern: "../other", Archive: "other"},
	} {
		if _, err := x.Select(s); !errors.Is(err, refused) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := x.Select(image.Source{Root: "spec", Pattern: "a.txt", Archive: "x"}); err != nil {
		t.Error(err)
	}
}

// TestSymlinkOutside: a link that leads out of the context is refused.
func TestSymlinkOutside(t *testing.T) {
	tree(t, files)
	if err := os.Symlink("../other/c.txt", "spec/link"); err != nil {
		t.Skip(err)
	}
	_, err := NewSelector(nil, nil).Select(image.Source{Root: "spec", Pattern: "link"})
	if e := (*buildcontext.SourceError)(nil); !errors.As(err, &e) || e.Reason != buildcontext.Outside {
		t.Errorf("%v", err)
	}
}

// TestDanglingLink: the error for a link without a target names both.
func TestDanglingLink(t *testing.T) {
	tree(t, files)
	if err := os.Symlink("gone", "spec/link"); err != nil {
		t.Skip(err)
	}
	want := filepath.Join("spec", "link") + " is a link to gone, which does not exist"
	_, err := NewSelector(nil, nil).Select(image.Source{Root: "spec", Pattern: "link", Archive: "link", Kind: image.FileSource})
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a step: %v", err)
	}
	for pattern, isPattern := range map[string]bool{"link": false, "li*": true, "./link": true} {
		_, err = NewSelector(nil, nil).Select(image.Source{Root: "spec", Pattern: pattern, IsPattern: isPattern})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a COPY of %s: %v", pattern, err)
		}
	}
	_, err = buildcontext.NewHasher(buildcontext.Options{}).Hash(t.Context(), buildcontext.Source{Root: "spec", Path: "link", Archive: "link"})
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a COPY: %v", err)
	}
}
