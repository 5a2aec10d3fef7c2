package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"fleet/internal/render"
	"fleet/internal/suggest"
	"fleet/plan"
)

// The forms in which plans, and runs, are told.
var (
	planFormats   = []string{"text", "json", "markdown", "junit", "sarif", "github", "dot", "mermaid"}
	reportFormats = []string{"text", "json", "ndjson", "markdown", "junit", "github"}
)

// standardOutput is how --out names it. Nothing names standard error so: it is
// for --progress.
const (
	standardOutput = "-"
	standardError  = "\x00"
)

// outputs are the forms in which a command tells what it found or did, each
// with where to.
type outputs struct {
	format   string   // -o
	outFlags []string // --out
	list     []output

	events   []*render.EventWriter
	streamed bool // the events tell of the run that is reported
}

// An output is one form and its file.
type output struct{ format, file string }

func (o output) String() string { return o.format + "=" + o.file }

// text for standard output is shown as it comes, others at the end.
var textToStdout = output{"text", standardOutput}

// printsText reports whether standard output is for people, as it is for
// commands that have no choice.
func (o *outputs) printsText() bool { return len(o.list) == 0 || slices.Contains(o.list, textToStdout) }

// outputFileFlags declares -o, and --out for several forms at once.
func (p *planRun) outputFlags(cmd *cobra.Command, formats ...string) {
	p.formatFlag(cmd, &p.format, formats...)
	cmd.Flags().StringArrayVar(&p.outFlags, "out", nil, "also write the output as `FORMAT=FILE`; - is standard output; repeatable")
	choices := make([]string, len(formats))
	for i, f := range formats {
		choices[i] = f + "="
	}
	_ = cmd.RegisterFlagCompletionFunc("out", cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoSpace)) // fails only for flags that do not exist
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if err := before(cmd, args); err != nil {
			return err
		}
		return p.resolveOutputs(formats, cmd.Flags().Changed("output"))
	}
}

// resolveOutputs reads --out beside -o, which may have been given or not.
func (o *outputs) resolveOutputs(formats []string, given bool) error {
	o.list = nil
	taken := map[string]output{}
	if given {
		taken[standardOutput] = output{o.format, standardOutput}
	}
	for _, text := range o.outFlags {
		out, err := parseOutput(text, formats)
		if err != nil {
			return err
		}
		place := out.file
		if place != standardOutput {
			place = filepath.Clean(place)
		}
		if other, twice := taken[place]; twice {
			if place == standardOutput {
				return invalid("--out %s: standard output is taken by %s already; give one of them a file", out, other.format)
			}
			return invalid("--out %s: the file is that of %s already", out, other.format)
		}
		taken[place] = out
		o.list = append(o.list, out)
	}
	if _, printed := taken[standardOutput]; !printed || given {
		o.list = append([]output{{o.format, standardOutput}}, o.list...)
	}
	return nil
}

// parseOutput reads FORMAT=FILE. That the file cannot be written is told before
// anything is done.
func parseOutput(text string, formats []string) (output, error) {
	format, file, ok := strings.Cut(text, "=")
	switch {
	case !ok || file == "":
		return output{}, invalid("--out is given as FORMAT=FILE, such as json=plan.json, not %q", text)
	case !slices.Contains(formats, format):
		hint := cmp.Or(suggest.DidYouMean(format, formats), "known are "+plan.JoinAnd(formats))
		return output{}, invalid("--out %s: unknown format %q; %s", text, format, hint)
	case file == standardOutput:
		return output{format, file}, nil
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return output{}, invalid("--out %s: there is no directory %s", text, filepath.Dir(file))
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return output{}, invalid("--out %s: this is a directory; name a file in it", text)
	}
	return output{format, file}, nil
}

// styleOf is how to show plans on a stream.
func (p *planRun) styleOf(w io.Writer) render.Style {
	s := p.style(w)
	s.Full, s.Drift, s.Strict = p.full, p.drift, p.strict
	return s
}

// inGitHubActions reports whether the command runs in a workflow of GitHub Actions,
// to which it tells by itself what it has to.
func (a *app) inGitHubActions() bool { return a.env("GITHUB_ACTIONS") == "true" }

// summarize appends to the summary of the workflow's job, where there is one.
func (a *app) summarize(text []byte) {
	file := a.env("GITHUB_STEP_SUMMARY")
	if file == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o644) // of a pipe nobody may be the reader
	if err == nil {
		_, err = f.Write(append(text, '\n'))
		if e := f.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		fmt.Fprintf(a.Err, "fleet: the summary of the job was not written: %v\n", err)
	}
}
