#!/bin/sh
# A loop over the changes of the clocks of a time zone never ends, with some builds of the same time zone data.
#
# Expected:    the end of the zone that time.Time.ZoneBounds returns is after the time, so that a loop that continues at
#              each end lists the changes of the clocks, the same ones with each build of the data.
# Behaviour:   after the last change in the table of a zone, a rule applies, and Go counts 365 days for each of its years.
#              On the last day of a leap year, the end is the start of that day: before the time. In other years, the end
#              is New Year in UTC, although no clock changes. The table ends in 2037 in "fat" files (Debian, and the
#              data in Go), and with the last change of the law in "slim" ones, the default of zic since 2020: there,
#              Berlin was wrong in 2024 and will be in 2028.
# Version:     Go 1.26.8, known there as golang/go issue 81583; zic of glibc 2.36 (Debian 12).
# Consequence: a program that lists changes of the clocks hangs on some machines, or with some dates. fleet, which reads
#              28 years ahead to find starts of sync windows that clocks skip or repeat, steps over the day.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"
)

func main() {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	for _, year := range []int{2027, 2028, 2039, 2040} {
		noon := time.Date(year, time.December, 31, 12, 0, 0, 0, time.UTC).In(zone)
		_, end := noon.ZoneBounds()
		fmt.Printf("  %s ends %s, after it: %t\n", noon.UTC().Format(time.DateTime), end.UTC().Format(time.DateTime), end.After(noon))
	}
}
GO
for build in fat slim; do
	/usr/sbin/zic -b $build -d $build /usr/share/zoneinfo/tzdata.zi
	echo $build
	ZONEINFO=$work/$build go run main.go
done | tee got
diff - got <<'WANT'
fat
  2027-12-31 12:00:00 ends 2028-03-26 01:00:00, after it: true
  2028-12-31 12:00:00 ends 2029-03-25 01:00:00, after it: true
  2039-12-31 12:00:00 ends 2040-01-01 00:00:00, after it: true
  2040-12-31 12:00:00 ends 2040-12-31 00:00:00, after it: false
slim
  2027-12-31 12:00:00 ends 2028-01-01 00:00:00, after it: true
  2028-12-31 12:00:00 ends 2028-12-31 00:00:00, after it: false
  2039-12-31 12:00:00 ends 2040-01-01 00:00:00, after it: true
  2040-12-31 12:00:00 ends 2040-12-31 00:00:00, after it: false
WANT
