package spec

import (
	"maps"
	"slices"
)

// finish makes the fleet of all that was taken in.
func (l *loader) finish() (*Fleet, error) {
	l.chooseEnvironment()
	l.reportUnread()
	l.readTop(slices.DeleteFunc(l.parts, func(p part) bool { return p.environment == "" && l.overlays[p.file] }))
	fleet := l.fleet()
	l.unknownCodes()
	if l.found > 0 {
		return nil, l.allMistakes()
	}
	fleet.Warnings = l.shown(l.warnings)
	fleet.unset, fleet.unsetInHooks = l.shown(l.unset), l.unsetInHooks
	fleet.Files = l.sources
	fleet.Environments = slices.Sorted(maps.Keys(l.environments))
	fleet.Environment = l.options.Environment
	fleet.places = l.places()
	fleet.secrets = slices.Sorted(maps.Keys(l.scope.secrets))
	for _, r := range fleet.Resources {
		r.hidden, r.redactor = fleet.secrets, &lazyRedactor{}
		r.environment = fleet.Environment
		if !l.options.Explain {
			r.from = nil // and with it all that was read
		}
	}
	return fleet, nil
}

// readTop reads the keys at the top of all parts. The order is that in which they
// need one another.
func (l *loader) readTop(parts []part) {
	l.each(parts, "env", l.readEnv)
	l.each(parts, "vars", l.readVars)
	l.giveVars()
	l.scope.ready = true
	l.each(parts, "version", func(p part, e entry) { l.once(p, e, &l.version, p.d.version) })
	l.each(parts, "name", func(p part, e entry) { l.once(p, e, &l.name, p.d.fleetName) })
	l.scope.fleet, _ = l.name.value.(string)
	l.checkVars()
	l.scope.copied, l.scope.limit = 0, maxCopied
	l.each(parts, "target", func(p part, e entry) { l.once(p, e, &l.target, p.d.target) })
	for _, a := range namingRows {
		l.each(parts, a.Key, l.readNaming)
	}
	l.each(parts, "defaults", l.readDefaults)
	l.layNaming()
	l.each(parts, "timeouts", l.readTimeouts)
	l.layTimeouts()
	l.each(parts, "templates", l.readTemplates)
	l.readResources(parts)
	l.each(parts, "owns", l.readOwns)
	l.each(parts, "removed", l.readRemoved)
	l.each(parts, "moved", l.readMoved)
	l.each(parts, "prices", l.readPrices)
	l.each(parts, "hooks", l.readHooks)
	l.each(parts, "parallelism", l.readParallelism)
	for i := range parts {
		parts[i].entries = nil // blocks hold what they still need of them
	}
}

// readResources reads the resources of all parts, in the order of the files.
func (l *loader) readResources(parts []part) {
	for _, p := range parts {
		for _, e := range p.entries {
			if kind := sections[e.name]; kind != "" {
				l.section(p, e, kind)
			}
		}
	}
}
