#!/bin/sh
# A daily job at noon, hours away from any change of the clocks, is not run on some days.
#
# Expected:    0 12 * * * runs once on each date, in every time zone. A start that clocks skip or repeat (02:30 in Berlin)
#              may be moved, but runs once, too.
# Behaviour:   robfig/cron and its fork go-cron search in steps of one hour from midnight. Where clocks change by half an
#              hour (Lord Howe), they are at half past from then on, and lose the starts of that day after the change,
#              noon included. They run a start that is repeated twice. gronx and cronexpr keep the noon, but lose starts
#              that clocks skip, and cronexpr runs repeated ones twice. No library is right for all rows.
# Version:     github.com/robfig/cron/v3 3.0.1; github.com/netresearch/go-cron 0.9.1; github.com/adhocore/gronx 1.20.4;
#              github.com/hashicorp/cronexpr 1.1.3.
# Consequence: a daily backup is missing twice a year, or made twice. Argo CD and Kubernetes use robfig/cron for sync
#              windows and CronJobs. fleet uses the parser only: it computes the openings
#              of a window by local dates, and refuses starts that clocks skip or repeat.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/adhocore/gronx"
	"github.com/hashicorp/cronexpr"
	gocron "github.com/netresearch/go-cron"
	"github.com/robfig/cron/v3"
)

type schedule interface{ Next(time.Time) time.Time }

// ticks adapts gronx.
type ticks string

func (s ticks) Next(t time.Time) time.Time {
	next, err := gronx.NextTickAfter(string(s), t, false)
	if err != nil {
		panic(err)
	}
	return next
}

// count returns the dates of the years 2026 to 2028 without a run, and those with two.
func count(s schedule, zone *time.Location) (lost, doubled int) {
	runs := map[string]int{}
	first, last := time.Date(2026, 1, 1, 0, 0, 0, 0, zone), time.Date(2029, 1, 1, 0, 0, 0, 0, zone)
	for t := s.Next(first.Add(-time.Second)); t.Before(last); t = s.Next(t) {
		runs[t.In(zone).Format(time.DateOnly)]++
	}
	for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		switch runs[day.Format(time.DateOnly)] {
		case 0:
			lost++
		case 2:
			doubled++
		}
	}
	return lost, doubled
}

func main() {
	for _, job := range []struct{ zone, spec string }{
		{"Australia/Lord_Howe", "0 12 * * *"},
		{"Australia/Lord_Howe", "0 1 * * *"},
		{"Europe/Berlin", "0 12 * * *"},
		{"Europe/Berlin", "30 2 * * *"},
		{"America/Santiago", "30 23 * * *"},
		{"America/Havana", "30 0 * * *"},
		{"Asia/Beirut", "0 0 * * *"},
	} {
		zone, err := time.LoadLocation(job.zone)
		if err != nil {
			panic(err)
		}
		one, err := cron.ParseStandard("CRON_TZ=" + job.zone + " " + job.spec)
		if err != nil {
			panic(err)
		}
		two, err := gocron.ParseStandard("CRON_TZ=" + job.zone + " " + job.spec)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s %s\n", job.spec, job.zone)
		for _, x := range []struct {
			name string
			schedule
		}{{"robfig", one}, {"go-cron", two}, {"gronx", ticks(job.spec)}, {"cronexpr", cronexpr.MustParse(job.spec)}} {
			lost, doubled := count(x.schedule, zone)
			fmt.Printf("  %-8s lost %d, twice %d\n", x.name, lost, doubled)
		}
	}
}
GO
{
	go mod init finding
	go get github.com/robfig/cron/v3@v3.0.1 github.com/netresearch/go-cron@v0.9.1 \
		github.com/adhocore/gronx@v1.20.4 github.com/hashicorp/cronexpr@v1.1.3
	go mod tidy
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
0 12 * * * Australia/Lord_Howe
  robfig   lost 6, twice 0
  go-cron  lost 6, twice 0
  gronx    lost 0, twice 0
  cronexpr lost 0, twice 0
0 1 * * * Australia/Lord_Howe
  robfig   lost 0, twice 0
  go-cron  lost 0, twice 0
  gronx    lost 0, twice 0
  cronexpr lost 0, twice 0
0 12 * * * Europe/Berlin
  robfig   lost 0, twice 0
  go-cron  lost 0, twice 0
  gronx    lost 0, twice 0
  cronexpr lost 0, twice 0
30 2 * * * Europe/Berlin
  robfig   lost 3, twice 3
  go-cron  lost 0, twice 3
  gronx    lost 3, twice 0
  cronexpr lost 3, twice 3
30 23 * * * America/Santiago
  robfig   lost 0, twice 3
  go-cron  lost 0, twice 3
  gronx    lost 0, twice 0
  cronexpr lost 0, twice 3
30 0 * * * America/Havana
  robfig   lost 3, twice 3
  go-cron  lost 3, twice 3
  gronx    lost 3, twice 0
  cronexpr lost 3, twice 3
0 0 * * * Asia/Beirut
  robfig   lost 3, twice 0
  go-cron  lost 3, twice 0
  gronx    lost 3, twice 0
  cronexpr lost 3, twice 0
WANT
