package emulator

import "encoding/json"

// disturb puts the faults of the options into force: New and a fresh world begin
// with them. The caller holds the lock, or is New.
func (s *Server) disturb() error {
	for _, text := range s.opts.Faults {
		f, err := ParseFault(text)
		if err != nil {
			return err
		}
		if f.order.Kind != "" {
			s.faults.add(&f.order)
			continue
		}
		if err := s.world.impose(f); err != nil {
			return err
		}
	}
	return nil
}

// impose sets a trait of the organisation for as long as this process runs; the
// state file keeps what it had.
func (w *world) impose(f Fault) error {
	fields, err := fieldsOf(&w.org)
	if err != nil {
		return err
	}
	for _, field := range f.fields {
		if _, twice := w.beneath[field]; !twice {
			w.beneath[field] = fields[field]
		}
	}
	org := w.org
	f.set(&org)
	w.setOrganization(org)
	return nil
}

// storedOrganization is the organisation without what was imposed on it.
func (w *world) storedOrganization() *organization {
	if len(w.beneath) == 0 {
		return &w.org
	}
	raw, err := json.Marshal(w.beneath)
	if err == nil {
		if stored, _, err := overlay(&w.org, raw); err == nil {
			return stored
		}
	}
	return &w.org
}
