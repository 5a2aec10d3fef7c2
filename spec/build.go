package spec

import (
	"maps"
	"slices"

	"fleet/internal/decode"
)

// finish returns the fleet of all parts that were read.
func (l *loader) finish() (*Fleet, error) {
	l.applyEnvironment()
	l.reportSkipped()
	l.readTop(slices.DeleteFunc(l.parts, func(p part) bool { return p.environment == "" && l.overlays[p.file] }))
	fleet := l.fleet()
	fleet.images = l.imageDecls
	l.lintRegistries(fleet)
	l.checkSuppressedCodes()
	if l.ErrorCount > 0 {
		return nil, l.allDiagnostics()
	}
	fleet.Warnings = l.Redacted(l.Warnings)
	fleet.unset, fleet.unsetInHooks = l.Redacted(l.Unset), l.unsetInHooks
	fleet.Files = l.Sources
	fleet.Environments = slices.Sorted(maps.Keys(l.environments))
	fleet.Environment = l.options.Environment
	fleet.environmentDecls = l.environmentDecls()
	fleet.secrets = l.Secrets()
	for _, d := range fleet.images {
		d.from = nil
	}
	for _, r := range fleet.Resources {
		r.fleetSecrets, r.redactor, r.fleetRedactor = fleet.secrets, &lazyRedactor{}, &fleet.redactor
		r.environment = fleet.Environment
		if h := l.options.Hasher; h != nil {
			r.knownContexts = h.Known
		}
		if !l.options.Explain {
			r.from = nil // releases the YAML
		}
	}
	return fleet, nil
}

// readTop reads the top-level keys of all parts, in order of their dependencies.
func (l *loader) readTop(parts []part) {
	l.eachKey(parts, "env", func(p part, e decode.Entry) { l.ReadEnv(p.d.Decoder, e) })
	l.eachKey(parts, "vars", func(p part, e decode.Entry) { l.ReadVars(p.d.Decoder, e, p.environment != "") })
	l.AssignVars()
	l.eachKey(parts, "version", func(p part, e decode.Entry) { l.readOnceKey(p, e, &l.version, p.d.version) })
	l.eachKey(parts, "name", func(p part, e decode.Entry) { l.readOnceKey(p, e, &l.name, p.d.fleetName) })
	name, _ := l.name.value.(string)
	l.SetFleet(name)
	l.FinishVars()
	l.eachKey(parts, "target", func(p part, e decode.Entry) { l.readOnceKey(p, e, &l.target, p.d.target) })
	for _, a := range namingRows {
		l.eachKey(parts, a.Key, l.readNaming)
	}
	l.eachKey(parts, "defaults", l.readDefaults)
	l.applyNaming()
	l.eachKey(parts, "timeouts", l.readTimeouts)
	l.applyTimeouts()
	l.eachKey(parts, "templates", l.readTemplates)
	l.readResources(parts)
	l.eachKey(parts, "owns", l.readOwns)
	l.eachKey(parts, "removed", l.readRemoved)
	l.eachKey(parts, "moved", l.readMoved)
	l.eachKey(parts, "prices", l.readPrices)
	l.eachKey(parts, "hooks", l.readHooks)
	l.eachKey(parts, "parallelism", l.readParallelism)
	for i := range parts {
		parts[i].entries = nil // blocks keep the nodes that they still need
	}
}

// readResources reads the resources of all parts, in the order of the files.
func (l *loader) readResources(parts []part) {
	for _, p := range parts {
		for _, e := range p.entries {
			if kind := sections[e.Name]; kind != "" {
				l.section(p, e, kind)
			}
		}
	}
}
