package api

// tiers are the limits of the hosted service that its documentation publishes, in
// requests of each minute. Organisations may have others.
var tiers = []struct{ general, create, lifecycle int }{
	{10_000, 300, 10_000},
	{20_000, 400, 20_000},
	{40_000, 500, 40_000},
	{50_000, 600, 50_000},
}

// PublishedLimit returns the limit of a class, in requests of each minute, that is
// published for organisations with this limit of general requests. ok is false if there
// is none.
func PublishedLimit(general int, class RateClass) (limit int, ok bool) {
	for _, tier := range tiers {
		if tier.general != general {
			continue
		}
		switch class {
		case RateCreate:
			return tier.create, true
		case RateLifecycle:
			return tier.lifecycle, true
		default:
			return 0, false
		}
	}
	return 0, false
}
