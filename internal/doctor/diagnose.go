package doctor

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fleet/client"
	"fleet/internal/foreign"
	"fleet/internal/gc"
	"fleet/internal/kind"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// A Level is the severity of a check's result.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Note    Level = "note"    // worth knowing, and no problem
	Unknown Level = "unknown" // could not be checked
	Finding Level = "finding" // needs attention
)

// A Check is the result of one check.
type Check struct {
	Name    string      `json:"name"`              // what was checked
	Level   Level       `json:"level"`             // the severity
	Text    string      `json:"text"`              // the result, for a reader
	Hint    string      `json:"hint,omitempty"`    // what to do about it; empty for nothing
	Objects []gc.Remark `json:"objects,omitempty"` // the objects that a finding is about
}

// The thresholds of findings.
const (
	maxSkew       = 10 * time.Second
	expiryWarning = 7 * 24 * time.Hour
	quotaWarning  = 0.9       // of the quota in use
	minVersion    = "0.190.0" // older servers were never tested
)

// Diagnose returns the results of all checks, in the order of the output.
func Diagnose(f *spec.Fleet, x *Observation) []Check {
	d := &diagnosis{fleet: f, observed: x, ownerships: x.World.Ownerships(f)}
	if x.Connection != "" {
		d.add("connection", OK, "", "%s", x.Connection)
	}
	d.server()
	d.clock()
	d.credentials()
	d.suspended()
	d.quota()
	d.rates()
	d.registries()
	d.sandboxes()
	d.snapshotsAndVolumes()
	d.unowned()
	return d.checks
}

// Healthy reports whether there is no finding.
func Healthy(checks []Check) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool { return c.Level == Finding })
}

// A diagnosis collects the results of checks.
type diagnosis struct {
	fleet      *spec.Fleet
	observed   *Observation
	ownerships map[*plan.Object]plan.Ownership
	checks     []Check
}

// add adds the result of a check. The result may be changed until the next one is added.
func (d *diagnosis) add(name string, level Level, hint, format string, args ...any) *Check {
	d.checks = append(d.checks, Check{Name: name, Level: level, Text: fmt.Sprintf(format, args...), Hint: hint})
	return &d.checks[len(d.checks)-1]
}

// server checks that the server is open, recent enough, and supports the spec.
func (d *diagnosis) server() {
	config := d.observed.Server
	version := spec.ParseVersion(config.Version)
	newer := ""
	for _, r := range d.fleet.Resources {
		if key, since := r.UnsupportedOn(version); key != "" && newer == "" && version != (spec.Version{}) {
			newer = fmt.Sprintf("%s of %s needs %s", key, r.Address, since)
		}
	}
	switch {
	case config.Maintenance:
		d.add("server", Finding, "try again later", "version %s, closed for maintenance", config.Version)
	case version == (spec.Version{}):
		d.add("server", Unknown, "", "it does not report its version")
	case newer != "":
		d.add("server", Finding, "take it out of the spec, or use a newer server", "version %s, and %s", version, newer)
	case !version.AtLeast(spec.ParseVersion(minVersion)):
		d.add("server", Finding, "use a newer server", "version %s; fleet knows servers from %s on", version, minVersion)
	default:
		d.add("server", OK, "", "version %s", version)
	}
}

// clock checks the clock of this machine. A wrong clock makes ages, leases and expiry
// times wrong.
func (d *diagnosis) clock() {
	skew := d.observed.Skew
	switch {
	case skew > maxSkew:
		d.add("clock", Finding, "set the clock of this machine", "this machine's clock is %s behind the server's", plan.FormatDuration(skew))
	case -skew > maxSkew:
		d.add("clock", Finding, "set the clock of this machine", "this machine's clock is %s ahead of the server's", plan.FormatDuration(-skew))
	default:
		d.add("clock", OK, "", "as the server's")
	}
}

// requiredPermissions lists the permissions that the fleet may need: those
// for listing, creating and deleting objects of its kinds.
func (d *diagnosis) requiredPermissions() []string {
	var list []string
	for _, ops := range slices.Backward(kind.All) {
		referenced := len(d.fleet.OfKind(ops.Kind)) > 0 || len(d.fleet.Owns[ops.Kind]) > 0
		if ops.Kind != spec.SandboxKind && !referenced {
			continue
		}
		for _, r := range []client.Route{
			client.RouteOf(http.MethodGet, ops.Path), client.RouteOf(http.MethodPost, ops.Path), client.RouteOf(http.MethodDelete, ops.Path+"/{id}"),
		} {
			if r.Permission != "" {
				list = append(list, r.Permission)
			}
		}
	}
	return list
}

// credentials checks that the API key has all permissions, and does not expire soon.
func (d *diagnosis) credentials() {
	key := d.observed.Key
	if key == nil {
		if d.observed.Organization != nil {
			d.add("credentials", OK, "", "a token")
		} else {
			d.add("credentials", Unknown, "", "the server does not describe them")
		}
		return
	}
	var missing []string
	for _, p := range d.requiredPermissions() {
		if !key.Allows(p) {
			missing = append(missing, p)
		}
	}
	left := key.ExpiresAt.Sub(d.observed.Now)
	switch {
	case len(missing) > 0:
		d.add("credentials", Finding, "give the key what it lacks, or use another one", "the API key %q lacks %s", key.Name, strings.Join(missing, ", "))
	case !key.ExpiresAt.IsZero() && left < expiryWarning:
		d.add("credentials", Finding, "make a new key", "the API key %q expires in %s", key.Name, plan.FormatDuration(left))
	default:
		d.add("credentials", OK, "", "the API key %q has all that this fleet needs", key.Name)
	}
}

// suspended checks whether the organization is suspended, so that the server refuses
// writes. Only a JWT can read that; with an API key, the first refused write shows it.
func (d *diagnosis) suspended() {
	switch o := d.observed.Organization; {
	case o == nil:
		d.add("organisation", Unknown, "", "whether it is suspended cannot be read with an API key; the Daytona dashboard shows it")
	case o.SuspendedAt(d.observed.Now):
		d.add("organisation", Finding, "see its page in the Daytona dashboard", "it is suspended: %s", foreign.Text(o.SuspensionReason))
	default:
		d.add("organisation", OK, "", "not suspended")
	}
}

// quota checks which quotas are nearly exhausted.
func (d *diagnosis) quota() {
	u := d.observed.Usage
	if u == nil {
		d.add("quota", Unknown, "", "these credentials may not read it (%s)", observe.ReadLimitsPermission)
		return
	}
	var full, used []string
	check := func(what, where string, have, total float64) {
		if total <= 0 { // the server reports no quota
			return
		}
		text := fmt.Sprintf("%s of %s %s%s", plan.FormatInt(int(have)), plan.FormatInt(int(total)), what, where)
		if have >= total*quotaWarning {
			full = append(full, text)
		} else if have > 0 {
			used = append(used, text)
		}
	}
	for _, r := range u.Regions {
		where := " in " + r.RegionID
		if r.Class != "" && r.Class != "container" { // the usual class needs no mention
			where += " (" + r.Class + ")"
		}
		check("vCPU", where, r.CPU, r.CPUQuota)
		check("GiB memory", where, r.Memory, r.MemoryQuota)
		check("GiB disk", where, r.Disk, r.DiskQuota)
		check("GPUs", where, r.GPU, r.GPUQuota)
	}
	check("snapshots", "", u.Snapshots, u.SnapshotQuota)
	check("volumes", "", u.Volumes, u.VolumeQuota)
	switch {
	case len(full) > 0:
		d.add("quota", Finding, "fleet gc finds unused objects", "%s in use", strings.Join(full, ", "))
	case len(used) > 0:
		d.add("quota", OK, "", "%s in use", strings.Join(used, ", "))
	default:
		d.add("quota", OK, "", "nothing is in use")
	}
}

// rates lists the rate limits: those of the organization, as far as responses showed
// them, and the server's defaults.
func (d *diagnosis) rates() {
	var own, defaults []string
	for _, c := range []struct {
		class client.RateClass
		what  string
	}{{client.RateCreate, "creates"}, {client.RateLifecycle, "starts, stops and deletions"}, {client.RateGeneral, "other requests"}} {
		rate, ok := d.observed.Rates[c.class]
		text := fmt.Sprintf("%s %s in %s", plan.FormatInt(rate.ServerLimit), c.what, plan.FormatDuration(rate.Window))
		switch {
		case !ok:
		case rate.IsDefault:
			defaults = append(defaults, text)
		default:
			own = append(own, text)
		}
	}
	var parts []string
	if len(own) > 0 {
		parts = append(parts, strings.Join(own, ", "))
	}
	if len(defaults) > 0 {
		parts = append(parts, "by the server's defaults, which an organisation may override: "+strings.Join(defaults, ", "))
	}
	switch {
	case len(parts) == 0:
		d.add("rate limits", Unknown, "", "the server does not report them")
	case len(own) == 0:
		d.add("rate limits", Unknown, "", "%s", parts[0])
	default:
		d.add("rate limits", OK, "", "%s", strings.Join(parts, "; "))
	}
}

// unowned notes sandboxes that no fleet owns, which may be intended, and what could not
// be read.
func (d *diagnosis) unowned() {
	n := 0
	for _, o := range d.observed.World.Objects[spec.SandboxKind] {
		if d.ownerships[o].Role == plan.RoleUnowned && !o.Deleting() {
			n++
		}
	}
	if n > 0 {
		d.add("unowned", Note, "fleet gc --owner nobody collects them by rule, adopt: true takes them over", "sandboxes that no fleet owns: %s", plan.FormatInt(n))
	}
	for _, why := range d.observed.Unreadable {
		d.add("not read", Unknown, "", "%s", why)
	}
}
