package world

// findRegion resolves a region by id or name; blank is the default one.
func (w *World) FindRegion(idOrName string) (Region, error) {
	if idOrName == "" {
		idOrName = defaultRegion
	}
	for _, r := range w.AllowedRegions() {
		if r.ID == idOrName || r.Name == idOrName {
			return r, nil
		}
	}
	return Region{}, ErrRegion
}
