package cli

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	"fleet/internal/exit"
	"fleet/internal/outfile"
	"fleet/internal/render"
	"fleet/internal/suggest"
	"fleet/plan"
)

// Columns of the table of formats, for the commands that plan or run.
func planColumn(f render.Format) render.Writer[*render.Document]    { return f.Plan }
func driftColumn(f render.Format) render.Writer[*render.Document]   { return f.Drift }
func reportColumn(f render.Format) render.Writer[*render.Document]  { return f.Report }
func refusedColumn(f render.Format) render.Writer[*render.Document] { return f.Refused }
func gcColumn(f render.Format) render.Writer[*render.Document]      { return f.GC }

// Names of streams in outputs. The name of standard error cannot be given on the
// command line: it is for --progress json.
const (
	standardOutput = "-"
	standardError  = "\x00"
)

// An output is a format and the file that it is written to.
type output struct{ format, file string }

func (o output) String() string { return o.format + "=" + o.file }

// textToStdout is the output that is printed during the run. Others are written
// at its end.
var textToStdout = output{render.TextFormat, standardOutput}

// outputOptions are the flags that choose the outputs of a plan or a run.
type outputOptions struct {
	format   string   // --output
	given    bool     // --output was given
	out      []string // --out, as FORMAT=FILE
	formats  []string // that --out accepts
	progress string   // --progress; empty for commands without it
	report   string   // --report; empty without it
}

// declare declares --output and --out for the formats of a column.
func (o *outputOptions) declare(f *flagSet, of column[*render.Document]) {
	formatFlag(f, &o.format, of)
	o.formats = render.FormatNames(of)
	f.StringArrayVar(&o.out, "out", nil, "also write the output as `FORMAT=FILE`; - is standard output; repeatable")
	choices := make([]string, len(o.formats))
	for i, name := range o.formats {
		choices[i] = name + "="
	}
	completeBy(f.cmd, "out", outValues(choices))
	f.check(func() error {
		o.given = f.Changed("output")
		_, err := o.resolve()
		return err
	})
}

// declareReport declares --report. Its check finds files that cannot be written
// before anything is sent.
func (o *outputOptions) declareReport(f *flagSet) {
	f.StringVar(&o.report, "report", "", "write the report of the run to `FILE` as JSON, even if the run fails")
	f.check(func() error {
		if !f.Changed("report") {
			return nil
		}
		if o.report == "" || o.report == standardOutput {
			return exit.Invalidf("--report requires a file name; use -o json to print the report")
		}
		list, err := o.resolve()
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.file != standardOutput && filepath.Clean(x.file) == filepath.Clean(o.report) {
				return exit.Invalidf("--report %s: the file is already used by --out %s", o.report, x)
			}
		}
		if err := outfile.CheckWritable(o.report); err != nil {
			return exit.Invalidf("--report %s: %w", o.report, err)
		}
		return nil
	})
}

// resolve returns the outputs that the flags ask for. Standard output has text,
// unless --output or --out writes something else to it.
func (o *outputOptions) resolve() ([]output, error) {
	var list []output
	taken := map[string]output{}
	if o.given {
		taken[standardOutput] = output{o.format, standardOutput}
	}
	for _, text := range o.out {
		out, err := parseOutput(text, o.formats)
		if err != nil {
			return nil, err
		}
		place := out.file
		if place != standardOutput {
			place = filepath.Clean(place)
		}
		if other, twice := taken[place]; twice {
			if place == standardOutput {
				return nil, exit.Invalidf("--out %s: standard output is already used by %s; write one of them to a file", out, other.format)
			}
			return nil, exit.Invalidf("--out %s: the file is already used by %s", out, other.format)
		}
		taken[place] = out
		list = append(list, out)
	}
	if _, printed := taken[standardOutput]; !printed || o.given {
		list = append([]output{{o.format, standardOutput}}, list...)
	}
	if o.progress == progressJSON {
		list = append(list, output{render.NDJSONFormat, standardError})
	}
	return list, nil
}

// parseOutput parses FORMAT=FILE. It refuses files that cannot be written, so
// that the command ends before it does anything.
func parseOutput(text string, formats []string) (output, error) {
	format, file, ok := strings.Cut(text, "=")
	switch {
	case !ok || file == "":
		return output{}, exit.Invalidf("--out requires FORMAT=FILE, such as json=plan.json, not %q", text)
	case !render.IsFormat(format, formats):
		hint := cmp.Or(render.VersionProblem(format, formats), suggest.DidYouMean(format, formats), "valid formats: "+plan.JoinAnd(formats))
		return output{}, exit.Invalidf("--out %s: unknown format %q; %s", text, format, hint)
	case file == standardOutput:
		return output{format, file}, nil
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return output{}, exit.Invalidf("--out %s: directory %s does not exist", text, filepath.Dir(file))
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return output{}, exit.Invalidf("--out %s: %s is a directory; name a file in it", text, file)
	}
	return output{format, file}, nil
}
