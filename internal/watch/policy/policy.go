package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// A Policy is what a user configured. The zero Policy applies whole plans at any time.
type Policy struct {
	Mode    Mode    // "" is Enforce
	Windows Windows // none: changes are made at any time

	// ChangedBy returns the client that changed the object of a step, as far as labels
	// or events show it, or "". It may be nil.
	ChangedBy func(*plan.Step) string
}

// A Pass is one pass of a watch.
type Pass struct {
	Fleet *spec.Fleet // nil: a fleet that declares nothing
	State *State
	Now   time.Time

	// Approved is set if a user approved the plan: it waits for no sync window, no
	// back-off and no flapping object. The mode and pauses hold regardless.
	Approved bool
}

// A Result is what a pass leaves undone, and when the next one can do more.
type Result struct {
	Held int // steps that Hold blocked

	// NeedsApproval states what a user has to decide about; empty for nothing.
	NeedsApproval string

	// Approvable states what an approval of the plan would apply now: what needs one,
	// and what only waits; empty for nothing.
	Approvable string

	Alarms []Alarm   // that last
	Next   time.Time // when the first of the held steps may be applied; zero if no time is known
}

// An Alarm is something that a user should know. Its text is escaped, and holds no
// sensitive values of the fleet.
type Alarm struct {
	Name string // "flapping sandbox.web", "sync-window-missed"
	Text string
}

// The names of alarms. That of a flapping object is followed by its address.
const (
	FlappingAlarm     = "flapping"
	MissedWindowAlarm = "sync-window-missed"
)

// approvable are the blocks that an approval of the plan lifts.
var approvable = map[plan.BlockKind]struct {
	needsApproval bool // only an approval, or another plan, lifts the block
	what          string
}{
	plan.BlastRadius: {true, "would destroy objects"},
	plan.Withheld:    {true, "repeat a rollout that failed"},
	plan.Window:      {false, "wait for a sync window"},
	plan.BackOff:     {false, "wait after a failure"},
	plan.Flapping:    {false, "are left alone because they flap"},
}

// Hold blocks the steps of a plan that must not be applied now. The digest of the plan
// has to be computed before: what waits is not part of it.
func (o *Policy) Hold(p *plan.Plan, pass Pass) Result {
	pass.State.refresh(p, pass)
	h := holder{policy: o, pass: pass, plan: p}
	h.closed = len(o.Windows) > 0 && !pass.Approved && o.Windows.Closes(pass.Now).IsZero()
	h.checkMissed()
	for _, s := range p.Steps {
		if isChange(s) {
			h.hold(s)
		}
	}
	h.holdDependents()
	h.summarize()
	return h.result
}

// isChange reports whether a step sends anything.
func isChange(s *plan.Step) bool { return s.Action != plan.NoOp || len(s.Ops) > 0 }

// AllowDestroy returns the number of objects that an approval of the plan allows to be
// destroyed, for [plan.Options]. It has to be called before [Policy.Hold].
func AllowDestroy(p *plan.Plan) int {
	n := p.DestroyCount()
	for _, s := range p.Blocked() {
		if s.Blocked.Kind == plan.BlastRadius {
			n++
		}
	}
	return n
}

// Record records the results of a pass.
func (s *State) Record(f *spec.Fleet, r *apply.Report, now time.Time) {
	now = now.Round(0) // a state that is read from a file has no monotonic clock
	var addresses []spec.Address
	for _, x := range r.Results {
		addresses = append(addresses, x.Step.Address)
	}
	fingerprints := fingerprintsOf(f, addresses)
	for _, x := range r.Results {
		s.countFailure(x, fingerprints[x.Step.Address], now)
		s.countChanges(x, fingerprints[x.Step.Address], now)
	}
}

func fingerprintsOf(f *spec.Fleet, addresses []spec.Address) map[spec.Address]string {
	if f == nil {
		return nil
	}
	return f.ResourceFingerprints(addresses)
}

// staleFailure is how long a failure counts after the object could have been tried again.
const staleFailure = 2 * time.Hour

// refresh removes what no longer counts: entries whose time is over, whose resource has
// changed, or that the user has approved.
func (s *State) refresh(p *plan.Plan, pass Pass) {
	s.setClock(pass.Now)
	addresses := slices.Collect(maps.Keys(s.failures))
	for k := range s.flaps {
		addresses = append(addresses, k.Address)
	}
	fingerprints := fingerprintsOf(pass.Fleet, addresses)
	approved := map[spec.Address]bool{}
	if pass.Approved {
		for _, step := range p.Steps {
			approved[step.Address] = true
		}
	}
	maps.DeleteFunc(s.failures, func(a spec.Address, f *failure) bool {
		return approved[a] || f.Spec != fingerprints[a] || pass.Now.After(f.until().Add(staleFailure))
	})
	maps.DeleteFunc(s.flaps, func(k flapKey, f *flap) bool {
		return approved[k.Address] || f.Spec != fingerprints[k.Address] || pass.Now.Sub(f.last()) >= flapPeriod
	})
}

// A holder blocks the steps of one plan.
type holder struct {
	policy *Policy
	pass   Pass
	plan   *plan.Plan
	closed bool // no sync window is open, and one is needed
	opens  time.Time
	result Result
}

// hold blocks a step if it must not be applied now. The mode and a pause take precedence
// over a block that an approval would lift.
func (h *holder) hold(s *plan.Step) {
	if s.Blocked != nil {
		if _, lifted := approvable[s.Blocked.Kind]; !lifted {
			return
		}
	}
	b := h.policy.Mode.block(s)
	if b == nil {
		b = h.pass.State.pauseBlock(s)
	}
	if b == nil && s.Blocked == nil {
		b = h.waitBlock(s)
	}
	h.block(s, b)
}

// block blocks a step; a nil block changes nothing.
func (h *holder) block(s *plan.Step, b *plan.Block) {
	if b == nil {
		return
	}
	if s.Blocked == nil {
		h.result.Held++
	}
	s.Blocked = b
}

// waitBlock returns the block of a step that may be applied later, or nil.
func (h *holder) waitBlock(s *plan.Step) *plan.Block {
	if b, key, until := h.pass.State.flapBlock(s); b != nil {
		h.alarm(s, key, b)
		h.wake(until)
		return b
	}
	if b, until := h.pass.State.backOffBlock(s, h.pass.Now); b != nil {
		h.wake(until)
		return b
	}
	if !h.closed {
		return nil
	}
	if h.opens.IsZero() {
		h.opens = h.policy.Windows.Next(h.pass.Now)
	}
	h.wake(h.opens)
	return &plan.Block{
		Kind:    plan.Window,
		Reason:  "it waits for the sync window that opens at " + h.opens.Format(minute),
		Unblock: "wait, or approve the plan",
	}
}

// wake records when a held step may be applied.
func (h *holder) wake(t time.Time) {
	if !t.IsZero() && (h.result.Next.IsZero() || t.Before(h.result.Next)) {
		h.result.Next = t
	}
}

// alarm raises the alarm of a step that flaps.
func (h *holder) alarm(s *plan.Step, key flapKey, b *plan.Block) {
	client := ""
	if h.policy.ChangedBy != nil {
		client = h.policy.ChangedBy(s)
	}
	text := flapAlarm(s, key, b, client)
	if h.pass.Fleet != nil {
		text = h.pass.Fleet.RedactSensitive(text)
	}
	h.result.Alarms = append(h.result.Alarms, Alarm{FlappingAlarm + " " + s.Address.String(), text})
}

// missedAfter is how long after the last pass in a sync window the next one is due if a
// window opens daily, even if clocks were turned back meanwhile.
const missedAfter = 25 * time.Hour

// checkMissed raises an alarm if no pass was made in a window that opens daily.
func (h *holder) checkMissed() {
	s, now := h.pass.State, h.pass.Now.Round(0)
	daily := h.policy.Windows.daily()
	if daily == nil || s.inWindow.IsZero() || !h.policy.Windows.Closes(now).IsZero() {
		s.inWindow = now
		return
	}
	if since := now.Sub(s.inWindow); since > missedAfter {
		h.result.Alarms = append(h.result.Alarms, Alarm{MissedWindowAlarm, fmt.Sprintf(
			"the sync window %q opens daily, but no pass was made in it for %d hours, since %s; changes wait for the next one",
			daily, int(since.Hours()), s.inWindow.UTC().Format(minute))})
	}
}

// summarize states what an approval of the plan would apply.
func (h *holder) summarize() {
	counts := map[plan.BlockKind]int{}
	for _, s := range h.plan.Blocked() {
		counts[s.Blocked.Kind]++
	}
	kinds := slices.SortedFunc(maps.Keys(approvable), func(a, b plan.BlockKind) int { return cmp.Compare(a, b) })
	for _, kind := range kinds {
		row, n := approvable[kind], counts[kind]
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("%s %s", plan.Plural(n, "step", "steps"), row.what)
		h.result.Approvable = join(h.result.Approvable, text)
		if row.needsApproval {
			h.result.NeedsApproval = join(h.result.NeedsApproval, text)
		}
	}
}

func join(list, text string) string {
	if list == "" {
		return text
	}
	return list + "; " + text
}
