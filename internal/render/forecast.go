package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"fleet/plan"
)

// fewMoving is below how many sandboxes a plan speaks for itself: its totals are
// then only told where they cost something.
const fewMoving = 10

// Forecast writes what carrying a plan out would mean. Of a small plan it tells
// no more than what stands in its way.
func Forecast(w io.Writer, f *plan.Forecast, s Style) {
	if f == nil {
		return
	}
	if f.Moving >= fewMoving {
		fmt.Fprintln(w, s.bold("Then:")+" "+totals(f)+".")
	}
	if f.Moving > 0 && f.Then.CostPerDay != nil {
		fmt.Fprintf(w, "%s about %s a day.\n", s.bold("Cost:"), movedTo(Money(*f.Now.CostPerDay, ""), Money(*f.Then.CostPerDay, f.Currency)))
	}
	if f.Duration != nil {
		fmt.Fprintf(w, "%s at least %s: %s.\n", s.bold("Time:"), plan.Span(time.Duration(f.Duration.Seconds*float64(time.Second))), f.Duration.Why)
	}
	warn := func(format string, args ...any) {
		fmt.Fprintf(w, "%s %s\n", s.warn("Warning:"), fmt.Sprintf(format, args...))
	}
	if f.Suspended != "" {
		warn("%s", f.Suspended)
	}
	if len(f.Missing) > 0 {
		warn("the API key lacks %s, which this plan needs", plan.Listing(f.Missing))
	}
	for _, short := range f.Short {
		warn("the quota is not enough for %s", short)
	}
}

// totals are what a fleet has, before and after.
func totals(f *plan.Forecast) string {
	var text []string
	for _, p := range []struct {
		what      string
		now, then int
	}{
		{"sandboxes", f.Now.Sandboxes, f.Then.Sandboxes},
		{"started", f.Now.Started, f.Then.Started},
		{"vCPU", f.Now.CPU, f.Then.CPU},
		{"GiB memory", f.Now.Memory, f.Then.Memory},
		{"GiB disk", f.Now.Disk, f.Then.Disk},
		{"GPUs", f.Now.GPU, f.Then.GPU},
	} {
		if p.now != 0 || p.then != 0 {
			text = append(text, movedTo(plan.Grouped(p.now), plan.Grouped(p.then))+" "+p.what)
		}
	}
	line := strings.Join(text, ", ")
	if f.Unknown > 0 {
		line += fmt.Sprintf(", without %s of them, whose size is not known", plan.Grouped(f.Unknown))
	}
	return line
}

// movedTo is a change, or the value where there is none.
func movedTo(now, then string) string {
	if value, _, _ := strings.Cut(then, " "); value == now {
		return then
	}
	return now + " -> " + then
}

// Money is an amount with two decimals, or more where it is small.
func Money(amount float64, currency string) string {
	decimals := 2
	if amount != 0 && amount < 0.1 {
		decimals = 4
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", decimals, amount, currency))
}
