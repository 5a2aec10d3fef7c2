package progress

import (
	"fmt"
	"strings"

	"fleet/apply"
)

// setUpload records how far the upload of a step has come.
func (f *activeStep) setUpload(u apply.Upload) {
	f.upload = ""
	if u.Sent < u.Total {
		f.upload = uploadText(u)
	}
}

// uploadText returns the progress of an upload, such as "uploading 12.3 of 200 MB, 8.1
// MB/s".
func uploadText(u apply.Upload) string {
	unit, size := byteUnit(u.Total)
	sent, total := formatIn(float64(u.Sent), size), formatIn(float64(u.Total), size)
	text := fmt.Sprintf("uploading %s of %s %s", sent, total, unit)
	if u.Rate > 0 {
		unit, size = byteUnit(int64(u.Rate))
		text += fmt.Sprintf(", %s %s/s", formatIn(u.Rate, size), unit)
	}
	return text
}

// byteUnit returns the unit in which a number of bytes is shown, and its size in bytes.
func byteUnit(n int64) (unit string, size float64) {
	switch {
	case n >= 1e9:
		return "GB", 1e9
	case n >= 1e6:
		return "MB", 1e6
	case n >= 1e3:
		return "kB", 1e3
	}
	return "bytes", 1
}

// formatIn returns a number of bytes in a unit, with one decimal place unless that is 0.
func formatIn(n, size float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", n/size), ".0") }
