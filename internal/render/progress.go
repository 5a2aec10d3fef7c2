package render

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// A Progress shows a run while it goes on. Its methods are called from one
// goroutine.
type Progress struct {
	out    io.Writer
	style  Style
	total  int
	width  int // of the terminal; 0 when out is none
	ended  int
	active []running
	shown  bool // a status line is on the screen
	drains bool // it was told that the run stops
	logs   map[string][]string
	stream bool // show build logs as they come
}

type running struct {
	address, verb string
	since         time.Time
}

// NewProgress shows a run of total steps. On a terminal of a width, a status
// line is kept below the finished steps; without one (width 0), there is just
// a line for each.
func NewProgress(out io.Writer, total, width int, s Style) *Progress {
	return &Progress{out: out, style: s, total: total, width: width}
}

// StreamLogs shows the logs of builds as they come, and not only those of
// builds that fail.
func (p *Progress) StreamLogs() { p.stream = true }

// Event takes in one event.
func (p *Progress) Event(e apply.Event) {
	address := e.Step.Address.String()
	i := slices.IndexFunc(p.active, func(r running) bool { return r.address == address })
	switch e.Phase {
	case apply.Logged:
		p.log(address, e.Text)
		return
	case apply.Draining:
		p.clear()
		if !p.drains {
			text := "Stopping: no more steps are begun, and these are let finish."
			if errors.Is(e.Err, apply.ErrStopped) {
				text += " Ctrl-C again leaves at once."
			}
			fmt.Fprintln(p.out, text)
			p.drains = true
		}
		fmt.Fprintf(p.out, "  %s %s\n", e.Verb, address)
		return
	case apply.Working:
		if i < 0 {
			p.active = append(p.active, running{address, string(e.Verb), time.Now()})
		} else {
			p.active[i].verb = string(e.Verb)
		}
		p.status()
		return
	}
	if i >= 0 {
		p.active = slices.Delete(p.active, i, i+1)
	}
	if e.Step.Action != plan.NoOp { // one that was only waited for does not count
		p.ended++
	}
	if e.Step.Blocked != nil { // the plan told of it
		p.status()
		return
	}
	p.clear()
	if e.Phase == apply.Failed && !p.stream {
		for _, line := range p.logs[address] {
			fmt.Fprintf(p.out, "%s %s\n", p.style.faint(address+" |"), line)
		}
	}
	delete(p.logs, address)
	fmt.Fprintln(p.out, p.line(e, address))
	p.status()
}

// keptLines is how much of a build's log is shown when the build fails.
const keptLines = 40

// log takes in a line of a build's log: shown at once, or kept for the case that
// the build fails.
func (p *Progress) log(address, text string) {
	if p.stream {
		p.clear()
		fmt.Fprintf(p.out, "%s %s\n", p.style.faint(address+" |"), text)
		p.status()
		return
	}
	if p.logs == nil {
		p.logs = map[string][]string{}
	}
	lines := append(p.logs[address], text)
	p.logs[address] = lines[max(len(lines)-keptLines, 0):]
}

// line is a finished step.
func (p *Progress) line(e apply.Event, address string) string {
	s := p.style
	switch e.Phase {
	case apply.Done:
		return fmt.Sprintf("%s %s %s %s", s.action(e.Step.Action, string(rune(e.Step.Action))), address, pastTense[e.Step.Action], s.faint("("+short(e.Took)+")"))
	default:
		reason, _, _ := strings.Cut(indented(e.Err), "\n")
		reason = strings.TrimSuffix(reason, ":")
		return fmt.Sprintf("%s %s: %s", s.bad("x "+string(e.Phase)), address, reason)
	}
}

// status redraws the status line.
func (p *Progress) status() {
	if p.width == 0 || p.ended == p.total {
		return
	}
	text := fmt.Sprintf("[%d/%d]", p.ended, p.total)
	for _, r := range p.active {
		text += fmt.Sprintf(" %s %s,", r.verb, r.address)
	}
	text = strings.TrimSuffix(text, ",")
	if r := []rune(text); len(r) > p.width-1 {
		text = string(append(r[:max(p.width-4, 0)], []rune("...")[:min(3, p.width-1)]...))
	}
	p.clear()
	fmt.Fprint(p.out, text)
	p.shown = true
}

// clear takes the status line off the screen.
func (p *Progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// Close leaves a clean screen.
func (p *Progress) Close() { p.clear() }
