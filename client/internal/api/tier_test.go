package api

import "testing"

func TestPublishedLimit(t *testing.T) {
	for _, test := range []struct {
		general int
		class   RateClass
		want    int
		ok      bool
	}{
		{10_000, RateCreate, 300, true},
		{50_000, RateCreate, 600, true},
		{20_000, RateLifecycle, 20_000, true},
		{10_000, RateList, 0, false},
		{10_000, RateFailedAuth, 0, false},
		{10_001, RateCreate, 0, false},
		{0, RateCreate, 0, false},
	} {
		if limit, ok := PublishedLimit(test.general, test.class); limit != test.want || ok != test.ok {
			t.Errorf("%d, %s: %d, %t, want %d", test.general, test.class, limit, ok, test.want)
		}
	}
}
