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

	"fleet/internal/format"
	"fleet/internal/input"
	"fleet/internal/render"
	"fleet/spec"
)

// A formatter is one run of fmt.
type formatter struct {
	*app
	check, diff bool
	changed     bool // something was, or would be
	worstCode   int  // of the worst error
}

func (a *app) fmtCommand() *cobra.Command {
	f := formatter{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [FILE | DIRECTORY | -]...",
		Short: "Format spec files",
		Long: `Rewrites the named files, or those of -f, and prints the names of those that
it changed. - formats the standard input to the standard output. What the files
say stays the same: the result is read again and compared.

Blocks are indented by two spaces, lists under their key too. There is one
space after colons, commas and dashes, and before comments. Of several blank
lines one stays. Texts lose quotes that they do not need. What is in brackets
on a line of more than 120 characters gets a line for each entry. Comments, the
order of keys and the lines of long texts stay as they are.

A file that is not YAML is told and left alone; the others are formatted. JSON
files stay as they are.`,
		Example: `  fleet fmt
  fleet fmt --check specs/
  fleet fmt --diff -f fleet.yaml
  fleet fmt - < fleet.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || cmd.Flags().Changed("file") {
				args = slices.Concat(args, a.files)
			}
			return f.run(args)
		},
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; list the files that would change, and exit with 2 if there are any")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "change nothing; show what would change")
	return cmd
}

// run formats all that is named. An error in one file does not keep it from
// the others.
func (f *formatter) run(paths []string) error {
	if slices.Contains(paths, "-") {
		if len(paths) > 1 {
			return invalid("- is the standard input: name no files beside it")
		}
		f.reportError(f.formatStdin())
	} else {
		files, err := spec.Options{Root: f.specFlags.root, Recursive: f.specFlags.recursive, Context: f.interrupt.ctx}.Files(paths...)
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := f.interrupt.ctx.Err(); err != nil {
				return err
			}
			if !strings.EqualFold(filepath.Ext(file), ".json") {
				f.reportError(f.formatFile(file))
			} else if slices.Contains(paths, file) {
				f.note("%s is left as it is: fmt writes YAML, which is no JSON.", file)
			}
		}
	}
	switch {
	case f.worstCode != codeOK:
		return &exitError{f.worstCode, nil}
	case f.check && f.changed:
		return &exitError{codeDifferences, nil}
	}
	return nil
}

// reportError tells the error, if any, of one file. An error of the system outranks a mistake
// in a file.
func (f *formatter) reportError(err error) {
	if err == nil {
		return
	}
	f.printError(err)
	if f.worstCode != codeError {
		f.worstCode = f.exitCodeOf(err)
	}
}

func (f *formatter) formatFile(name string) error {
	text, out, err := f.format(name, func() ([]byte, error) { return input.ReadNamed(f.interrupt.ctx, name, format.MaxSource) })
	if err != nil || bytes.Equal(text, out) {
		return err
	}
	if f.isDryRun() {
		f.showDiff(name, text, out)
		return nil
	}
	if err := replaceFile(name, out); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	fmt.Fprintln(f.Out, name)
	return nil
}

func (f *formatter) formatStdin() error {
	const name = "<stdin>"
	text, out, err := f.format(name, func() ([]byte, error) { return input.ReadStream(f.interrupt.ctx, f.In, name, format.MaxSource) })
	switch {
	case err != nil:
		return err
	case !f.isDryRun():
		to := f.Out
		if _, shown := f.terminalWidth(to); !shown {
			to = unescapedWriter(to) // every byte counts
		}
		_, err := to.Write(out)
		return err
	case !bytes.Equal(text, out):
		f.showDiff(name, text, out)
	}
	return nil
}

// format reads a text and formats it. A mistake in it gets its name.
func (f *formatter) format(name string, read func() ([]byte, error)) (text, out []byte, err error) {
	if text, err = read(); err != nil {
		return nil, nil, fmt.Errorf("reading the spec: %w", err)
	}
	out, err = format.Source(text)
	var mistakes spec.Diagnostics
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			m.Pos.File = name
			if isSymlink(name) {
				m.Line = "" // it may be of any file
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

// isDryRun is whether nothing is to be written.
func (f *formatter) isDryRun() bool { return f.check || f.diff }

// showDiff tells what would change.
func (f *formatter) showDiff(name string, text, out []byte) {
	f.changed = true
	if f.diff {
		render.UnifiedDiff(f.Out, name, string(text), string(out), f.style(f.Out))
		return
	}
	fmt.Fprintln(f.Out, name)
}

// replaceFile writes a file as a whole or not at all, and keeps its mode. A link
// stays a link.
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
		return errors.New("it is not a regular file")
	case info.Mode().Perm()&0o200 == 0:
		return errors.New("it is read-only")
	}
	return maybe.WriteFile(name, text, info.Mode().Perm())
}
