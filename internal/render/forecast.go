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

// minMovesForTotals is the number of changing sandboxes from which the totals of
// a plan are written: smaller plans are easy to read.
const minMovesForTotals = 10

// costText returns the cost before and after a plan; empty if neither is known. GPUs have no
// price.
func costText(f *plan.Forecast) string {
	now, after := f.Now.CostPerDay, f.After.CostPerDay
	switch {
	case now == nil && after == nil:
		return ""
	case now == nil:
		return fmt.Sprintf("unknown before, with GPUs; then about %s a day.", FormatMoney(*after, f.Currency))
	case after == nil:
		return fmt.Sprintf("about %s a day before; then unknown, with GPUs.", FormatMoney(*now, f.Currency))
	}
	return fmt.Sprintf("about %s a day.", changeText(FormatMoney(*now, ""), FormatMoney(*after, f.Currency)))
}

// Forecast writes the expected totals, cost and duration of a plan, and what will
// make it fail. It writes nothing for a nil f.
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
	if text := costText(f); f.ChangingSandboxes > 0 && text != "" {
		line("Cost:", text)
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
		writeWarning("the quota is too small for %s", short)
	}
}

// forecastTotals returns the totals of a fleet before and after a plan.
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
		{"GPU", f.Now.GPU, f.After.GPU},
	} {
		if p.now != 0 || p.then != 0 {
			text = append(text, changeText(plan.FormatInt(p.now), plan.FormatInt(p.then))+" "+p.what)
		}
	}
	line := strings.Join(text, ", ")
	if f.UnknownSizes > 0 {
		line += fmt.Sprintf(", without %s of unknown size", plan.FormatInt(f.UnknownSizes))
	}
	return line
}

// changeText returns a change, or the value if it does not change.
func changeText(now, then string) string {
	if value, _, _ := strings.Cut(then, " "); value == now {
		return then
	}
	return now + " -> " + then
}

// FormatMoney returns an amount with two decimals, or four if it is small.
func FormatMoney(amount float64, currency string) string {
	decimals := 2
	if amount != 0 && amount < 0.1 {
		decimals = 4
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", decimals, amount, currency))
}
