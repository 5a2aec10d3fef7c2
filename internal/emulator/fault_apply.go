package emulator

import "encoding/json"

// applyFaults puts the faults of the options into force: New and a fresh world begin
// with them. The caller holds the lock, or is New.
func (s *Server) applyFaults() error {
	for _, text := range s.opts.Faults {
		f, err := ParseFault(text)
		if err != nil {
			return err
		}
		if f.disruption.Kind != "" {
			s.faults.add(&f.disruption)
			continue
		}
		if err := s.world.applyFault(f); err != nil {
			return err
		}
	}
	return nil
}

// applyFault sets a trait of the organisation for as long as this process runs; the
// state file keeps what it had.
func (w *world) applyFault(f Fault) error {
	fields, err := fieldsOf(&w.org)
	if err != nil {
		return err
	}
	for _, field := range f.fields {
		if _, twice := w.overridden[field]; !twice {
			w.overridden[field] = fields[field]
		}
	}
	org := w.org
	f.set(&org)
	w.setOrganization(org)
	return nil
}

// storedOrganization is the organisation without what was imposed on it.
func (w *world) storedOrganization() *organization {
	if len(w.overridden) == 0 {
		return &w.org
	}
	raw, err := json.Marshal(w.overridden)
	if err == nil {
		if stored, _, err := overlay(&w.org, raw); err == nil {
			return stored
		}
	}
	return &w.org
}
