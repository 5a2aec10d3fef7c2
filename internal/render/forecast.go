package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"

	"fleet/internal/render/term"
	"fleet/plan"
)

// minMovesForTotals is below how many sandboxes a plan speaks for itself: its totals are
// then only told where they cost something.
const minMovesForTotals = 10

// Forecast writes what carrying a plan out would mean. Of a small plan it tells
// no more than what stands in its way.
func Forecast(w io.Writer, f *plan.Forecast, s Style) {
	if f == nil {
		return
	}
	line := func(what, text string) {
		term.WriteSentence(w, []term.Span{{Text: what, Attrs: []color.Attribute{color.Bold}}, {Text: text}}, s)
	}
	if f.ChangingSandboxes >= minMovesForTotals {
		line("Then:", forecastTotals(f)+".")
	}
	if f.ChangingSandboxes > 0 && f.After.CostPerDay != nil {
		line("Cost:", fmt.Sprintf("about %s a day.", changeText(FormatMoney(*f.Now.CostPerDay, ""), FormatMoney(*f.After.CostPerDay, f.Currency))))
	}
	if f.Duration != nil {
		line("Time:", fmt.Sprintf("at least %s: %s.", plan.FormatDuration(time.Duration(f.Duration.Seconds*float64(time.Second))), f.Duration.Reason))
	}
	if f.QuotaUncheckedReason != "" {
		line("Quota:", "not checked: "+f.QuotaUncheckedReason+".")
	}
	writeWarning := func(format string, args ...any) {
		term.WriteSentence(w, []term.Span{{Text: "Warning:", Attrs: term.WarnAttrs}, {Text: fmt.Sprintf(format, args...)}}, s)
	}
	if f.SuspendedReason != "" {
		writeWarning("%s", f.SuspendedReason)
	}
	if len(f.MissingPermissions) > 0 {
		writeWarning("the API key lacks %s, which this plan needs", plan.JoinAnd(f.MissingPermissions))
	}
	for _, short := range f.Shortages {
		writeWarning("the quota is not enough for %s", short)
	}
}

// forecastTotals are what a fleet has, before and after.
func forecastTotals(f *plan.Forecast) string {
	var text []string
	for _, p := range []struct {
		what      string
		now, then int
	}{
		{"sandboxes", f.Now.Sandboxes, f.After.Sandboxes},
		{"started", f.Now.Started, f.After.Started},
		{"vCPU", f.Now.CPU, f.After.CPU},
		{"GiB memory", f.Now.Memory, f.After.Memory},
		{"GiB disk", f.Now.Disk, f.After.Disk},
		{"GPUs", f.Now.GPU, f.After.GPU},
	} {
		if p.now != 0 || p.then != 0 {
			text = append(text, changeText(plan.FormatInt(p.now), plan.FormatInt(p.then))+" "+p.what)
		}
	}
	line := strings.Join(text, ", ")
	if f.UnknownSizes > 0 {
		line += fmt.Sprintf(", without %s of them, whose size is not known", plan.FormatInt(f.UnknownSizes))
	}
	return line
}

// changeText is a change, or the value where there is none.
func changeText(now, then string) string {
	if value, _, _ := strings.Cut(then, " "); value == now {
		return then
	}
	return now + " -> " + then
}

// FormatMoney is an amount with two decimals, or more where it is small.
func FormatMoney(amount float64, currency string) string {
	decimals := 2
	if amount != 0 && amount < 0.1 {
		decimals = 4
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", decimals, amount, currency))
}
