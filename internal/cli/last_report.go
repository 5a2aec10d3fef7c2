package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fleet/internal/input"
	"fleet/internal/render"
)

// showLastReport shows the report of a file, or of the fleet's last run on this machine.
// It needs no credentials and sends nothing.
func (a *app) showLastReport(ctx context.Context, files []string, output string) error {
	file, err := a.reportPath(files)
	if err != nil {
		return err
	}
	text, err := input.ReadNamed(ctx, file, input.MaxReport)
	if err != nil {
		return invalid("reading the report: %w", err)
	}
	past, err := render.ReadReport(text)
	if err != nil {
		return invalid("%s is not a report of fleet: %w", file, err)
	}
	if output != "json" {
		return past.WriteTable(a.Out, a.style(a.Out))
	}
	var fields json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(fields)
}

// reportPath is the file that is named, or that of the fleet's last run.
func (a *app) reportPath(files []string) (string, error) {
	if len(files) > 0 {
		return files[0], nil
	}
	f, err := a.load()
	if err != nil {
		return "", err
	}
	_, address, err := a.server()
	if err != nil {
		return "", err
	}
	file, err := a.lastReportPath(address, f.Name)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("no run of the fleet %s against %s is known on this machine; name a report that --report wrote", f.Name, address)
	}
	return file, nil
}
