// Package gitspec reads the files of a spec as they were in a commit.
package gitspec

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"fleet/internal/exit"
	"fleet/internal/input"
)

// maxStderr is the number of bytes of git's standard error that are kept.
const maxStderr = 4 << 10

// A Repository is a working tree of git.
type Repository struct{ top string }

// Open returns the repository that a file is in.
func Open(ctx context.Context, file string) (*Repository, error) {
	path, err := filepath.Abs(file)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return nil, fmt.Errorf("--changed-since: %w", err)
	}
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	top, err := git(ctx, dir, nil, "rev-parse", "--show-toplevel")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, exit.Invalidf("--changed-since needs git, which is not installed")
	case err != nil:
		return nil, exit.Invalidf("--changed-since: %s is not in a git repository: %w", file, err)
	}
	return &Repository{filepath.FromSlash(top)}, nil
}

// PathIn returns the path that a file of the repository has in another tree.
func (r *Repository) PathIn(file, tree string) (string, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("--changed-since: %w", err)
	}
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		path = followed
	}
	rel, err := filepath.Rel(r.top, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", exit.Invalidf("--changed-since: %s is not in the repository %s", file, r.top)
	}
	return filepath.Join(tree, rel), nil
}

// CheckOut writes all files of a commit below the directory tree. It uses the
// path index for a temporary index, so that the repository is not changed.
func (r *Repository) CheckOut(ctx context.Context, ref, index, tree string) error {
	id, err := git(ctx, r.top, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{tree}")
	if err != nil {
		return exit.Invalidf("--changed-since: the repository %s has no commit %q; %s", r.top, ref, r.missingCommitHint(ctx))
	}
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := git(ctx, r.top, env, "read-tree", id); err != nil {
		return fmt.Errorf("--changed-since %s: %w", ref, err)
	}
	if _, err := git(ctx, r.top, env, "checkout-index", "--all", "--prefix="+filepath.ToSlash(tree)+"/"); err != nil {
		return fmt.Errorf("--changed-since %s: %w", ref, err)
	}
	return nil
}

// missingCommitHint returns what to do about a commit that is not in the
// repository.
func (r *Repository) missingCommitHint(ctx context.Context) string {
	if shallow, err := git(ctx, r.top, nil, "rev-parse", "--is-shallow-repository"); err == nil && shallow == "true" {
		return "it is a shallow clone: run git fetch --unshallow, or in CI check out with fetch-depth: 0"
	}
	return "name a branch, a tag or a commit id"
}

// AddUntracked copies files that git does not track, such as secrets, below the
// directory tree: without them the spec of a commit could not be read.
func (r *Repository) AddUntracked(ctx context.Context, files []string, tree string) error {
	args := []string{"ls-files", "--others", "-z", "--"}
	for _, file := range files {
		if there, err := r.PathIn(file, r.top); err == nil {
			args = append(args, there)
		}
	}
	if len(args) == 4 {
		return nil
	}
	out, err := git(ctx, r.top, nil, args...)
	if err != nil {
		return fmt.Errorf("--changed-since: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(out, "\x00"), "\x00") {
		if name == "" || !filepath.IsLocal(name) {
			continue
		}
		text, err := input.ReadRegular(filepath.Join(r.top, name), input.MaxSpec)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(tree, name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(tree, name), text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("--changed-since: %w", err)
		}
	}
	return nil
}

// AddIfMissing is AddUntracked for a file below the directory tree, if it is not there.
// A file that cannot be added is missing when it is read.
func (r *Repository) AddIfMissing(ctx context.Context, file, tree string) {
	rel, err := filepath.Rel(tree, file)
	if err != nil || !filepath.IsLocal(rel) {
		return
	}
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		_ = r.AddUntracked(ctx, []string{filepath.Join(r.top, rel)}, tree)
	}
}

// git runs git in a directory and returns its output. An error holds the first
// line that git printed on standard error.
func git(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, stderr := input.NewBuffer("the output of git", input.MaxReport, nil), &input.HeadBuffer{Limit: maxStderr}
	cmd.Stdout, cmd.Stderr = out, stderr
	err := cmd.Run()
	if out.Err() != nil {
		return "", out.Err()
	}
	if err != nil && stderr.String() != "" {
		err = fmt.Errorf("git: %s", strings.TrimPrefix(input.FirstLine(stderr.String()), "fatal: "))
	}
	return strings.TrimSpace(string(out.Bytes())), err
}

// Revision returns the commit that a file is checked out from, with a plus sign if files
// of the repository were changed since; empty if it is in no repository.
func Revision(ctx context.Context, file string) string {
	r, err := Open(ctx, file)
	if err != nil {
		return ""
	}
	commit, err := git(ctx, r.top, nil, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return ""
	}
	if changed, err := git(ctx, r.top, nil, "status", "--porcelain", "--untracked-files=no"); err != nil || changed != "" {
		commit += "+"
	}
	return commit
}
