package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/outfile"
	"fleet/internal/watch/page"
	"fleet/internal/watch/page/stored"
)

func (a *app) reportCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "report [FILE]... --html FILE",
		Short: "Write a report, a plan or a status as a web page",
		Long: `Writes the page of fleet watch with the content of the files, as one HTML file that needs
no server and loads nothing. That is made for the artifacts of a CI job.

Each file is one that fleet has written: the report of a run (--report), a plan
(fleet plan --save, or -o json) or the existing objects (fleet status -o json). Several
files about one fleet make one page. Without a file, it is the last apply, destroy or
watch of the fleet on this machine.

It needs no credentials and sends nothing.`,
		Example: `  fleet apply --yes --report report.json
  fleet report report.json --html report.html
  fleet report plan.json status.json --html fleet.html`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return exit.Invalidf("--html FILE is required: it is the file to write")
			}
			return a.writeReportPage(cmd.Context(), args, file)
		},
	}
	flagsOf(cmd).StringVar(&file, "html", "", "write the page to `FILE`")
	return cmd
}

// writeReportPage writes a page with the documents in some files.
func (a *app) writeReportPage(ctx context.Context, files []string, to string) error {
	if len(files) == 0 {
		last, err := a.reportPath(nil)
		if err != nil {
			return err
		}
		files = []string{last}
	}
	var documents []stored.Document
	for _, name := range files {
		text, err := input.ReadNamed(ctx, name, input.MaxReport)
		if err != nil {
			return exit.Invalidf("reading %s: %w", name, err)
		}
		documents = append(documents, stored.Document{Name: name, Text: text})
	}
	state, err := stored.State(Version(), documents)
	if err != nil {
		return exit.Invalidf("%w", err)
	}
	var html bytes.Buffer
	if err := page.Write(&html, state); err != nil {
		return err
	}
	if to == standardOutput {
		_, err := a.out.Write(html.Bytes())
		return err
	}
	return a.outFiles().Write(to, html.Bytes(), outfile.PrivateMode)
}
