package decode

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// days are the days in a duration, as in 1d or 1d12h.
var days = regexp.MustCompile(`([0-9]+\.?[0-9]*|\.[0-9]+)d`)

// ParseDuration parses a span of time as [time.ParseDuration] does, and takes
// days of 24 hours, too: 1d, 1.5d, 1d12h.
func ParseDuration(s string) (time.Duration, error) {
	wrong := false
	inHours := days.ReplaceAllStringFunc(s, func(part string) string {
		n, err := strconv.ParseFloat(part[:len(part)-1], 64)
		wrong = wrong || err != nil || n > math.MaxInt32
		return strconv.FormatFloat(n*24, 'f', -1, 64) + "h"
	})
	d, err := time.ParseDuration(inHours)
	if wrong || err != nil {
		return 0, fmt.Errorf("%q is not a duration; write one such as 90s, 5m, 2h or 1d", s)
	}
	return d, nil
}
