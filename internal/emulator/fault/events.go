package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// eventFault returns the parser of a fault of events with a rate, which is 1 by default.
func eventFault(set func(*world.EventFaults, float64)) func(string) (Fault, error) {
	return func(rest string) (Fault, error) {
		d, err := parseRate(strings.Fields(rest))
		if err != nil {
			return Fault{}, err
		}
		return Fault{Fields: []string{"events"}, Set: func(o *world.Organization) {
			set(&o.Events, *d.Rate)
			o.Events.Seed |= d.Seed
		}}, nil
	}
}

func parseEventLate(rest string) (Fault, error) {
	words := strings.Fields(rest)
	if len(words) == 0 {
		return Fault{}, errors.New("a duration is required")
	}
	if d, err := time.ParseDuration(words[0]); err != nil || d <= 0 {
		return Fault{}, fmt.Errorf("%q is not a duration, such as 2s", words[0])
	}
	d, err := parseRate(words[1:])
	if err != nil {
		return Fault{}, err
	}
	if *d.Rate == 0 { // which EventFaults has no rate for
		words[0] = ""
	}
	return Fault{Fields: []string{"events"}, Set: func(o *world.Organization) {
		o.Events.Late, o.Events.LateRate = words[0], *d.Rate
		o.Events.Seed |= d.Seed
	}}, nil
}

// parseRate parses the options rate and seed. The rate is 1 by default.
func parseRate(words []string) (Disruption, error) {
	d := Disruption{Rate: new(1.0)}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		if key != "rate" && key != "seed" {
			return d, fmt.Errorf("%q is not rate=0..1 or seed=N", word)
		}
		if err := d.setOption(key, value); err != nil {
			return d, err
		}
	}
	return d, nil
}
