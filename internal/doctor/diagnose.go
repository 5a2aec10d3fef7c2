package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fleet/client"
	"fleet/internal/foreign"
	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// A Level is how serious the outcome of a check is.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Note    Level = "note"    // worth knowing, and no reason to worry
	Unknown Level = "unknown" // could not be found out
	Finding Level = "finding" // should be seen to
)

// A Check is one thing that was looked at.
type Check struct {
	Name    string      `json:"name"`
	Level   Level       `json:"level"`
	Text    string      `json:"text"`
	Hint    string      `json:"hint,omitempty"` // what to do
	Objects []gc.Remark `json:"objects,omitempty"`
}

// What counts as a finding.
const (
	skewAllowed  = 10 * time.Second
	expiresSoon  = 7 * 24 * time.Hour
	nearlyFull   = 0.9
	knownVersion = "0.190.0" // what is older was never tried
)

// Diagnose judges what was read, in the order in which a reader wants it.
func Diagnose(f *spec.Fleet, x *Exam) []Check {
	d := &diagnosis{fleet: f, exam: x, whose: x.World.Ownerships(f)}
	if x.Connection != "" {
		d.add("connection", OK, "", "%s", x.Connection)
	}
	d.server()
	d.clock()
	d.credentials()
	d.suspended()
	d.quota()
	d.rates()
	d.sandboxes()
	d.others()
	d.unowned()
	return d.checks
}

// Healthy reports whether there is no finding.
func Healthy(checks []Check) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool { return c.Level == Finding })
}

// A diagnosis is one on its way.
type diagnosis struct {
	fleet  *spec.Fleet
	exam   *Exam
	whose  map[*plan.Object]plan.Ownership
	checks []Check
}

func (d *diagnosis) add(name string, level Level, hint, format string, args ...any) *Check {
	d.checks = append(d.checks, Check{Name: name, Level: level, Text: fmt.Sprintf(format, args...), Hint: hint})
	return &d.checks[len(d.checks)-1]
}

func (d *diagnosis) server() {
	config := d.exam.Server
	version := spec.ParseVersion(config.Version)
	newer := ""
	for _, r := range d.fleet.Resources {
		if key, since := r.Newer(version); key != "" && newer == "" && version != (spec.Version{}) {
			newer = fmt.Sprintf("%s of %s needs %s", key, r.Address, since)
		}
	}
	switch {
	case config.Maintenance:
		d.add("server", Finding, "try again later", "version %s, closed for maintenance", config.Version)
	case version == (spec.Version{}):
		d.add("server", Unknown, "", "it does not tell its version")
	case newer != "":
		d.add("server", Finding, "take it out of the spec, or use a newer server", "version %s, and %s", version, newer)
	case !version.AtLeast(spec.ParseVersion(knownVersion)):
		d.add("server", Finding, "use a newer server", "version %s; fleet knows servers from %s on", version, knownVersion)
	default:
		d.add("server", OK, "", "version %s", version)
	}
}

func (d *diagnosis) clock() {
	skew := d.exam.Skew
	switch {
	case skew > skewAllowed:
		d.add("clock", Finding, "set the clock of this machine", "this machine's clock is %s behind the server's", plan.Span(skew))
	case -skew > skewAllowed:
		d.add("clock", Finding, "set the clock of this machine", "this machine's clock is %s ahead of the server's", plan.Span(-skew))
	default:
		d.add("clock", OK, "", "as the server's")
	}
}

// needed lists the permissions that the fleet may come to need.
func (d *diagnosis) needed() []string {
	list := []string{"write:sandboxes", "delete:sandboxes"}
	for _, kind := range []spec.Kind{spec.SnapshotKind, spec.VolumeKind} {
		speaks := len(d.fleet.Of(kind)) > 0 || len(d.fleet.Owns[kind]) > 0
		if !speaks {
			continue
		}
		if kind == spec.VolumeKind {
			list = append(list, "read:volumes")
		}
		list = append(list, "write:"+kind.Section(), "delete:"+kind.Section())
	}
	return list
}

func (d *diagnosis) credentials() {
	key := d.exam.Key
	if key == nil {
		if d.exam.Organization != nil {
			d.add("credentials", OK, "", "a token")
		} else {
			d.add("credentials", Unknown, "", "the server does not describe them")
		}
		return
	}
	var missing []string
	for _, p := range d.needed() {
		if !key.Allows(p) {
			missing = append(missing, p)
		}
	}
	left := key.ExpiresAt.Sub(d.exam.Now)
	switch {
	case len(missing) > 0:
		d.add("credentials", Finding, "give the key what it lacks, or use another one", "the API key %q lacks %s", key.Name, strings.Join(missing, ", "))
	case !key.ExpiresAt.IsZero() && left < expiresSoon:
		d.add("credentials", Finding, "make a new key", "the API key %q expires in %s", key.Name, plan.Span(left))
	default:
		d.add("credentials", OK, "", "the API key %q has all that this fleet needs", key.Name)
	}
}

// suspended tells whether writes are refused. Only a token may read that: to a
// key the server tells it with the first refusal, and reads go on.
func (d *diagnosis) suspended() {
	switch o := d.exam.Organization; {
	case o == nil:
		d.add("organisation", Unknown, "", "whether it is suspended cannot be read with an API key; the Daytona dashboard shows it")
	case o.SuspendedAt(d.exam.Now):
		d.add("organisation", Finding, "see its page in the Daytona dashboard", "it is suspended: %s", foreign.Text(o.SuspensionReason))
	default:
		d.add("organisation", OK, "", "not suspended")
	}
}

// quota tells what is nearly used up.
func (d *diagnosis) quota() {
	u := d.exam.Usage
	if u == nil {
		d.add("quota", Unknown, "", "these credentials may not read it (read:limits)")
		return
	}
	var full, used []string
	look := func(what, where string, have, total float64) {
		if total <= 0 {
			return
		}
		text := fmt.Sprintf("%s of %s %s%s", plan.Grouped(int(have)), plan.Grouped(int(total)), what, where)
		if have >= total*nearlyFull {
			full = append(full, text)
		} else if have > 0 {
			used = append(used, text)
		}
	}
	for _, r := range u.Regions {
		where := " in " + r.RegionID
		if r.Class != "" && r.Class != "container" {
			where += " (" + r.Class + ")"
		}
		look("vCPU", where, r.CPU, r.CPUQuota)
		look("GiB memory", where, r.Memory, r.MemoryQuota)
		look("GiB disk", where, r.Disk, r.DiskQuota)
		look("GPUs", where, r.GPU, r.GPUQuota)
	}
	look("snapshots", "", u.Snapshots, u.SnapshotQuota)
	look("volumes", "", u.Volumes, u.VolumeQuota)
	switch {
	case len(full) > 0:
		d.add("quota", Finding, "fleet gc finds what nobody uses any more", "%s in use", strings.Join(full, ", "))
	case len(used) > 0:
		d.add("quota", OK, "", "%s in use", strings.Join(used, ", "))
	default:
		d.add("quota", OK, "", "nothing is in use")
	}
}

// rates tells the rate limits: those of the organisation, as far as answers told
// them, and those that every organisation has unless it has others.
func (d *diagnosis) rates() {
	var own, general []string
	for _, c := range []struct {
		class client.RateClass
		what  string
	}{{client.Creates, "creates"}, {client.Lifecycle, "starts, stops and deletions"}, {client.General, "other requests"}} {
		rate, ok := d.exam.Rates[c.class]
		text := fmt.Sprintf("%s %s in %s", plan.Grouped(rate.Full), c.what, plan.Span(rate.Per))
		switch {
		case !ok:
		case rate.Default:
			general = append(general, text)
		default:
			own = append(own, text)
		}
	}
	var parts []string
	if len(own) > 0 {
		parts = append(parts, strings.Join(own, ", "))
	}
	if len(general) > 0 {
		parts = append(parts, "by the server's defaults, of which an organisation may have others: "+strings.Join(general, ", "))
	}
	switch {
	case len(parts) == 0:
		d.add("rate limits", Unknown, "", "the server does not tell them")
	case len(own) == 0:
		d.add("rate limits", Unknown, "", "%s", parts[0])
	default:
		d.add("rate limits", OK, "", "%s", strings.Join(parts, "; "))
	}
}

// unowned tells of sandboxes that no fleet owns: that there are some may be meant.
func (d *diagnosis) unowned() {
	n := 0
	for _, o := range d.exam.World.Sandboxes {
		if d.whose[o].Role == plan.OfNobody && !o.Leaving() {
			n++
		}
	}
	if n > 0 {
		d.add("unowned", Note, "fleet gc --owner nobody collects them by rule, adopt: true takes them over", "sandboxes that no fleet owns: %s", plan.Grouped(n))
	}
	for _, why := range d.exam.Unread {
		d.add("not read", Unknown, "", "%s", why)
	}
}
