package render

import (
	"fmt"
	"io"

	"fleet/internal/doctor"
)

// checkMarks are the marks at the start of the lines of checks.
var checkMarks = map[doctor.Level]string{doctor.OK: "ok", doctor.Note: "note", doctor.Unknown: "?", doctor.Finding: "!"}

// Checks writes a line for each check, with what to do about findings.
func Checks(w io.Writer, checks []doctor.Check, s Style) {
	findings, unknown := 0, 0
	for _, c := range checks {
		mark := fmt.Sprintf("%-4s", checkMarks[c.Level])
		switch c.Level {
		case doctor.OK:
			mark = s.Good(mark)
		case doctor.Finding:
			mark = s.Bad(mark)
			findings++
		case doctor.Unknown:
			unknown++
		}
		fmt.Fprintf(w, "%s  %-12s  %s\n", mark, c.Name, c.Text)
		for i, o := range c.Objects {
			if i == maxRemarks {
				fmt.Fprintf(w, "%20sand %d more\n", "", len(c.Objects)-maxRemarks)
				break
			}
			fmt.Fprintf(w, "%20s%s  %s\n", "", o.Address, o.Note)
		}
		if c.Hint != "" {
			fmt.Fprintf(w, "%20s%s\n", "", "-> "+c.Hint)
		}
	}
	switch {
	case findings == 0 && unknown > 0:
		fmt.Fprintln(w, s.Good("Healthy; some checks were not possible."))
		return
	case findings == 0:
		fmt.Fprintln(w, s.Good("Healthy."))
		return
	}
	fmt.Fprintf(w, "%s\n", s.Bad(count(findings, "finding")+"."))
}

// doctorJSON is what fleet doctor prints as JSON.
type doctorJSON struct {
	Version int            `json:"version"`
	Fleet   string         `json:"fleet"`
	Healthy bool           `json:"healthy"`
	Checks  []doctor.Check `json:"checks"`
}

// ChecksJSON writes checks as JSON.
func ChecksJSON(w io.Writer, fleet string, checks []doctor.Check) error {
	return writeJSON(w, doctorJSON{jsonVersion, fleet, doctor.Healthy(checks), checks})
}
