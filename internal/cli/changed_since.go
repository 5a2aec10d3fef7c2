package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/input"
	"fleet/spec"
)

// changedSince lists the addresses of which the spec says something else than
// it did in a commit. The files are written out as git would check them out,
// and read with the same flags.
func (a *app) changedSince(ctx context.Context, ref string, f *spec.Fleet) ([]spec.Address, error) {
	if slices.Contains(a.files, spec.Stdin) {
		return nil, invalid("--changed-since needs a spec in files: that on standard input has no history")
	}
	r, err := openRepository(ctx, a.files[0])
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "fleet-since-")
	if err != nil {
		return nil, fmt.Errorf("--changed-since: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is in the place for such things
	tree := filepath.Join(dir, "tree")
	if err := r.checkOut(ctx, ref, filepath.Join(dir, "index"), tree); err != nil {
		return nil, err
	}
	mainFiles, err := a.specFiles()
	if err != nil {
		return nil, err
	}
	includedFiles := slices.DeleteFunc(slices.Clone(f.Files), func(file string) bool { return slices.Contains(mainFiles, file) })
	if err := r.addUntracked(ctx, includedFiles, tree); err != nil {
		return nil, err
	}
	before, err := a.loadAt(r, ref, tree)
	if err != nil {
		return nil, err
	}
	return f.ChangedAddresses(before), nil
}

// specFiles lists the files that reading the spec begins with.
func (a *app) specFiles() ([]string, error) {
	o, err := a.specOptions()
	if err != nil {
		return nil, err
	}
	return o.Files(a.files...)
}

// loadAt reads the spec from a tree of the repository. What is not in it yet
// declares nothing.
func (a *app) loadAt(r *repository, ref, tree string) (*spec.Fleet, error) {
	var files []string
	for _, file := range a.files {
		there, err := r.pathInTree(file, tree)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(there); err == nil {
			files = append(files, there)
		}
	}
	if len(files) == 0 {
		return &spec.Fleet{}, nil
	}
	o, err := a.specOptions()
	if err != nil {
		return nil, err
	}
	o.OnOpen, o.OnList = nil, nil
	for i, file := range o.VarFiles {
		if there, err := r.pathInTree(file, tree); err == nil {
			if _, err := os.Stat(there); err == nil {
				o.VarFiles[i] = there
			}
		}
	}
	if o.Root != "" {
		o.Root = tree
	}
	f, err := o.Load(files...)
	if refusal := a.variables.unreadableError(); refusal != nil {
		return nil, refusal
	}
	if err == nil {
		return f, nil
	}
	if ms := spec.Diagnostics(nil); errors.As(err, &ms) {
		for _, m := range ms {
			m.Pos.File = strings.ReplaceAll(m.Pos.File, tree+string(filepath.Separator), ref+":")
		}
		return nil, fmt.Errorf("reading the spec as of %s: %w", ref, ms)
	}
	return nil, invalid("reading the spec as of %s: %s", ref, strings.ReplaceAll(err.Error(), tree+string(filepath.Separator), ref+":"))
}

// A repository is a working tree of git.
type repository struct{ top string }

// openRepository finds the working tree that a file is in.
func openRepository(ctx context.Context, file string) (*repository, error) {
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
		return nil, invalid("--changed-since needs the program git, which is not installed")
	case err != nil:
		return nil, invalid("--changed-since: %s is not in a git repository: %w", file, err)
	}
	return &repository{filepath.FromSlash(top)}, nil
}

// pathInTree is a file's place in another tree of the repository.
func (r *repository) pathInTree(file, tree string) (string, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("--changed-since: %w", err)
	}
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		path = followed
	}
	rel, err := filepath.Rel(r.top, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", invalid("--changed-since: %s is not in the repository %s", file, r.top)
	}
	return filepath.Join(tree, rel), nil
}

// checkOut writes all files of a commit below tree. The repository's own index
// and files stay as they are.
func (r *repository) checkOut(ctx context.Context, ref, index, tree string) error {
	id, err := git(ctx, r.top, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{tree}")
	if err != nil {
		return invalid("--changed-since: the repository %s has no commit %q; %s", r.top, ref, r.missingCommitHint(ctx))
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

// missingCommitHint says what to do about a commit that the repository does not have.
func (r *repository) missingCommitHint(ctx context.Context) string {
	if shallow, err := git(ctx, r.top, nil, "rev-parse", "--is-shallow-repository"); err == nil && shallow == "true" {
		return "it is a shallow clone, which lacks most commits: git fetch --unshallow gets them, and in CI a checkout with fetch-depth: 0"
	}
	return "a branch, a tag or an id names one"
}

// addUntracked writes those files that git does not keep, such as secrets, as
// they are now: the spec could not be read without them.
func (r *repository) addUntracked(ctx context.Context, files []string, tree string) error {
	args := []string{"ls-files", "--others", "-z", "--"}
	for _, file := range files {
		if there, err := r.pathInTree(file, r.top); err == nil {
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

// git runs git and returns what it prints. Its errors hold what it complains of.
func git(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, stderr := input.NewBuffer("the output of git", input.MaxReport, nil), &input.HeadBuffer{Limit: maxCommandStderr}
	cmd.Stdout, cmd.Stderr = out, stderr
	err := cmd.Run()
	if out.Err() != nil {
		return "", out.Err()
	}
	if err != nil && stderr.String() != "" {
		err = fmt.Errorf("git: %s", strings.TrimPrefix(firstLine(stderr.String()), "fatal: "))
	}
	return strings.TrimSpace(string(out.Bytes())), err
}
