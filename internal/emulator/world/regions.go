package world

// FindRegion returns the region with an id or name; "" means the default region.
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
