package emulator

// findRegion resolves a region by id or name; blank is the default one.
func (w *world) findRegion(idOrName string) (region, error) {
	if idOrName == "" {
		idOrName = defaultRegion
	}
	for _, r := range w.allowedRegions() {
		if r.ID == idOrName || r.Name == idOrName {
			return r, nil
		}
	}
	return region{}, errRegion
}
