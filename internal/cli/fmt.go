package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2/maybe"
	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/format"
	"fleet/internal/input"
	"fleet/internal/render/diff"
	"fleet/spec"
)

// fmtOptions are the flags of fleet fmt.
type fmtOptions struct{ check, diff bool }

func (o *fmtOptions) declare(f *flagSet) {
	f.BoolVar(&o.check, "check", false, "change nothing; list the files that would change, and exit with 2 if there are any")
	f.BoolVar(&o.diff, "diff", false, "change nothing; show what would change")
}

// A formatter is one run of fleet fmt.
type formatter struct {
	app     *app
	options fmtOptions
	changed bool // a file was changed, or would be
	code    int  // exit code of the worst error
}

func (a *app) fmtCommand() *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt [FILE | DIRECTORY | -]...",
		Short: "Format spec files",
		Long: `Rewrites the named files, or those of -f, and prints the names of the files that
it changed. - formats standard input to standard output. The content stays the
same: the result is parsed again and compared.

Blocks and lists under a key are indented by two spaces. There is one space after
colons, commas and dashes, and before comments. Several blank lines become one.
Unnecessary quotes are removed. Brackets on a line of more than 120 characters are
split into a line for each entry. Comments, the order of keys and the lines of
long texts do not change.

A file that is not valid YAML is reported and not changed; the others are
formatted. JSON files are not changed.`,
		Example: `  fleet fmt
  fleet fmt --check specs/
  fleet fmt --diff -f fleet.yaml
  fleet fmt - < fleet.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || cmd.Flags().Changed("file") {
				args = slices.Concat(args, a.flags.files)
			}
			f := formatter{app: a, options: o}
			return f.run(args)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// run formats files and directories. An error in one file does not stop the
// others.
func (f *formatter) run(paths []string) error {
	if slices.Contains(paths, spec.Stdin) {
		if len(paths) > 1 {
			return exit.Invalidf("- is standard input and cannot be combined with files")
		}
		f.reportError(f.formatStdin())
	} else if err := f.formatFiles(paths); err != nil {
		return err
	}
	switch {
	case f.code != exit.OK:
		return exit.Silent(f.code)
	case f.options.check && f.changed:
		return exit.Silent(exit.Differences)
	}
	return nil
}

func (f *formatter) formatFiles(paths []string) error {
	in, ctx := f.app.flags.spec, f.app.interrupt.Context
	files, err := spec.Options{Root: in.root, Recursive: in.recursive, Context: ctx}.Files(paths...)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !strings.EqualFold(filepath.Ext(file), ".json") {
			f.reportError(f.formatFile(file))
		} else if slices.Contains(paths, file) {
			f.app.note("%s is not changed: fmt formats only YAML.", file)
		}
	}
	return nil
}

// reportError prints the error of one file, if any. The exit code of an error of
// the system takes precedence over that of an error in a file.
func (f *formatter) reportError(err error) {
	if err == nil {
		return
	}
	f.app.printError(err)
	if f.code != exit.Failed {
		f.code = f.app.exitCodeOf(err)
	}
}

func (f *formatter) formatFile(name string) error {
	ctx := f.app.interrupt.Context
	text, out, err := formatSource(name, func() ([]byte, error) { return input.ReadNamed(ctx, name, format.MaxSource) })
	if err != nil || bytes.Equal(text, out) {
		return err
	}
	if f.isDryRun() {
		f.showChange(name, text, out)
		return nil
	}
	if err := replaceFile(name, out); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	fmt.Fprintln(f.app.out, name)
	return nil
}

func (f *formatter) formatStdin() error {
	const name = "<stdin>"
	a := f.app
	text, out, err := formatSource(name, func() ([]byte, error) { return input.ReadStream(a.interrupt.Context, a.in, name, format.MaxSource) })
	switch {
	case err != nil:
		return err
	case !f.isDryRun():
		to := a.out
		if _, shown := a.terminalWidth(to); !shown {
			to = unescapedWriter(to) // a program reads the exact bytes
		}
		_, err := to.Write(out)
		return err
	case !bytes.Equal(text, out):
		f.showChange(name, text, out)
	}
	return nil
}

// formatSource reads a text and formats it. Diagnostics name the file.
func formatSource(name string, read func() ([]byte, error)) (text, out []byte, err error) {
	if text, err = read(); err != nil {
		return nil, nil, fmt.Errorf("reading the spec: %w", err)
	}
	out, err = format.Source(text)
	var list spec.Diagnostics
	if errors.As(err, &list) {
		for _, d := range list {
			d.Pos.File = name
			if isSymlink(name) {
				d.Line = "" // the link may lead to a file that is not a spec
			}
		}
	}
	return text, out, err
}

// isSymlink reports whether a path is a symbolic link.
func isSymlink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}

// isDryRun reports whether nothing is written.
func (f *formatter) isDryRun() bool { return f.options.check || f.options.diff }

// showChange prints the name of a file that would change, or the difference.
func (f *formatter) showChange(name string, text, out []byte) {
	f.changed = true
	if f.options.diff {
		diff.WriteUnified(f.app.out, name, string(text), string(out), f.app.style(f.app.out))
		return
	}
	fmt.Fprintln(f.app.out, name)
}

// replaceFile replaces a file as a whole and keeps its mode. A link is followed.
func replaceFile(name string, text []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("read-only file")
	}
	return maybe.WriteFile(name, text, info.Mode().Perm())
}
