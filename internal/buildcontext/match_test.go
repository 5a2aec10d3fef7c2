package buildcontext

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestMatchLinks(t *testing.T) {
	outside := tree(t, map[string]string{"x.txt": ""})
	root := tree(t, map[string]string{
		"d/a.txt": "", "in": "-> d", "out": "-> " + outside, "d/deep": "-> " + outside, "dangling": "-> nope", "file": "-> d/a.txt",
	})
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	for pattern, want := range map[string]string{
		"in": "in", "in/*": "outside in/deep", "in/*.txt": "in/a.txt", "file": "file", "out": "outside out",
		"out/x.txt": "outside out", "out/*": "outside out", "d/deep/x.txt": "outside d/deep", "d/deep/../a.txt": "d/a.txt", "*.txt": "missing",
		"*/a.txt": "d/a.txt",
	} {
		got, err := c.Match(pattern)
		text := strings.Join(got, " ")
		var e *SourceError
		if errors.As(err, &e) {
			text = string(e.Reason)
			if e.Reason == Outside {
				text += " " + e.Path
				if e.Target != outside || !strings.Contains(err.Error(), outside) {
					t.Errorf("%s: the target is %q in %v", pattern, e.Target, err)
				}
			}
		}
		if text != want {
			t.Errorf("%s: got %q, want %q", pattern, text, want)
		}
	}
}

// An ignored directory without exceptions is not searched, but its files count as
// ignored, and not as missing.
func TestMatchIgnored(t *testing.T) {
	root := tree(t, map[string]string{
		".dockerignore": "node_modules\n*.log\n!keep.log\nall\n!all/but\n", "node_modules/a/x.js": "", "a.log": "", "keep.log": "", "all/but": "", "all/x": "",
		"only/x.log": "", "only2/deep/y": "", "hollow/d/": "",
	})
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	for pattern, want := range map[string]string{
		"*/*/x.js": "ignored 1", "node_modules/*/x.js": "ignored 1", "*.log": "keep.log", "all": "all", "all/*": "all/but", "all/x": "ignored 4",
		"only": "only", "on*": "only only2", "hollow": "empty", "hollow/*": "empty", "h*": "empty", "[^o]nly/x.log": "missing", "[m-p]nly/*": "only/x.log",
	} {
		got, err := c.Match(pattern)
		text := strings.Join(got, " ")
		var e *SourceError
		if errors.As(err, &e) {
			text = string(e.Reason)
			if e.Reason == Ignored {
				text += " " + string(rune('0'+e.Line))
				if want := filepath.Join(root, ".dockerignore"); e.IgnoreFile != want || !strings.Contains(err.Error(), want+":") {
					t.Errorf("%s: the ignore file is %q in %v", pattern, e.IgnoreFile, err)
				}
			}
		}
		if text != want {
			t.Errorf("%s: got %q, want %q", pattern, text, want)
		}
	}
}

func TestSimilar(t *testing.T) {
	root := tree(t, map[string]string{".dockerignore": "secrets.txt", "requirements.txt": "", "src/main.py": "", "secrets.txt": ""})
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	for pattern, want := range map[string]string{
		"requirments.txt": "requirements.txt", "scr/main.py": "src/main.py", "src/mian.py": "src/main.py", "src/other": "", "zzzzzz": "",
		"secret.txt": "", "*.md": "", "src/main.py/x": "", "\x1b": "",
	} {
		var e *SourceError
		_, err := c.Match(pattern)
		if !errors.As(err, &e) || e.Reason != Missing || e.Similar != want || strings.Contains(err.Error(), "did you mean") != (want != "") {
			t.Errorf("%s: got %v, %+v", pattern, err, e)
		}
	}
}

// TestMatchBadLinks: links that lead nowhere are refused where they are named, unless they
// are ignored or in a directory.
func TestMatchBadLinks(t *testing.T) {
	root := tree(t, map[string]string{
		"dangling": "-> nowhere", "round": "-> round", "a": "-> b", "b": "-> a", "below": "-> file.txt/x", "through": "-> dangling",
		"ignored": "-> nowhere", "good": "-> file.txt", "tree": "-> dir", "file.txt": "", "dir/x": "", "dir/dangling": "-> nowhere", ".dockerignore": "ignored\n",
	})
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	for pattern, want := range map[string]Reason{
		"dangling": Missing, "dang*": Missing, "round": Cycle, "a": Cycle, "below": Missing, "through": Missing, "dir/dangling": Missing,
		"good": "", "tree": "", "dir": "", "g*": "",
	} {
		_, err := c.Match(pattern)
		var e *FileError
		var got Reason
		if errors.As(err, &e) {
			got = e.Reason
		} else if err != nil {
			t.Errorf("%s: got %v", pattern, err)
		}
		if got != want || e != nil && e.Path != filepath.Join(root, "dangling") && e.Target == "" {
			t.Errorf("%s: got %v", pattern, err)
		}
	}
	var e *SourceError
	if _, err := c.Match("ignored"); !errors.As(err, &e) || e.Reason != Ignored {
		t.Errorf("an ignored link: got %v", err)
	}
}
