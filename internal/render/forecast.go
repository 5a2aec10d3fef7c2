package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"

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
	line := func(what, text string) {
		sentence(w, []span{{what, []color.Attribute{color.Bold}}, {text: text}}, s)
	}
	if f.Moving >= fewMoving {
		line("Then:", totals(f)+".")
	}
	if f.Moving > 0 && f.Then.CostPerDay != nil {
		line("Cost:", fmt.Sprintf("about %s a day.", movedTo(Money(*f.Now.CostPerDay, ""), Money(*f.Then.CostPerDay, f.Currency))))
	}
	if f.Duration != nil {
		line("Time:", fmt.Sprintf("at least %s: %s.", plan.Span(time.Duration(f.Duration.Seconds*float64(time.Second))), f.Duration.Why))
	}
	if f.Unchecked != "" {
		line("Quota:", "not checked: "+f.Unchecked+".")
	}
	trouble := func(format string, args ...any) {
		sentence(w, []span{{"Warning:", warn}, {text: fmt.Sprintf(format, args...)}}, s)
	}
	if f.Suspended != "" {
		trouble("%s", f.Suspended)
	}
	if len(f.Missing) > 0 {
		trouble("the API key lacks %s, which this plan needs", plan.Listing(f.Missing))
	}
	for _, short := range f.Short {
		trouble("the quota is not enough for %s", short)
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
