package emulator

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
		if err := s.world.Override(f.fields, f.set); err != nil {
			return err
		}
	}
	return nil
}
