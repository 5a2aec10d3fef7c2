package policy

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// changingZones are zones that change their clocks at unusual times, or by unusual
// amounts: at night, at midnight in both directions, and by half an hour.
var changingZones = []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "America/Havana", "Asia/Beirut"}

// mustWindow returns a window, without a check of its zone's clocks.
func mustWindow(t testing.TB, text string) *Window {
	t.Helper()
	fields := strings.Fields(text)
	zone, err := loadZone(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseSchedule(fields[1:6])
	if err != nil {
		t.Fatal(err)
	}
	length, err := parseLength(fields[7])
	if err != nil {
		t.Fatal(err)
	}
	return &Window{text: text, zone: zone, schedule: s, length: length}
}

// TestNoDayIsLost: over three years, a window that opens daily opens once on each local
// date, at its local time unless clocks skip that, and is open for its whole length, also next
// to a change of the clocks.
func TestNoDayIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		zone, _ := loadZone(rapid.SampledFrom(changingZones).Draw(rt, "zone"))
		at := rapid.IntRange(0, 24*60-1).Draw(rt, "minute")
		s, err := parseSchedule([]string{itoa(at % 60), itoa(at / 60), "*", "*", "*"})
		if err != nil {
			rt.Fatal(err)
		}
		w := &Window{zone: zone, schedule: s, length: time.Duration(rapid.IntRange(1, 22*60).Draw(rt, "length")) * time.Minute}
		now := time.Date(2025, 12, 31, 23, 59, 0, 0, zone)
		last := w.next(now)
		for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
			opens := w.next(now)
			want := day.Add(time.Duration(at) * time.Minute)
			if local := toLocal(opens, zone); !local.Equal(want) && (len(instants(want, zone)) > 0 || local.Before(want) || local.Sub(want) > time.Hour) {
				rt.Fatalf("the opening of %s is at %s", want, opens)
			}
			if gap := opens.Sub(last); gap > missedAfter {
				rt.Fatalf("it opens at %s and then not before %s", last, opens)
			}
			end, before := opens.Add(w.length), opens.AddDate(0, 0, -3)
			if toLocal(opens, zone).Sub(opens) == toLocal(before, zone).Sub(before) && day.Day() > 1 {
				now, last = opens, opens
				continue // far from a change of the clocks
			}
			for at, open := range map[time.Time]bool{opens.Add(-time.Second): false, opens: true, end.Add(-time.Second): true, end: false} {
				if got := w.closes(at); !got.IsZero() != open || open && !got.Equal(end) {
					rt.Fatalf("opened at %s for %s: at %s it closes at %s", opens, w.length, at, got)
				}
			}
			now, last = opens, opens
		}
	})
}

func itoa(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// TestInstants: each instant is one of those of its local time, and there are others only
// where clocks are turned back.
func TestInstants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		zone, _ := loadZone(rapid.SampledFrom(changingZones).Draw(rt, "zone"))
		at := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(rt, "time")/60*60, 0)
		found := false
		list := instants(toLocal(at, zone), zone)
		for _, x := range list {
			found = found || x.Equal(at)
			if x.In(zone).Format(time.DateTime) != at.In(zone).Format(time.DateTime) {
				rt.Fatalf("%s is not %s", x.In(zone), at.In(zone))
			}
		}
		if !found || len(list) > 2 {
			rt.Fatalf("%s has %v", at.In(zone), list)
		}
	})
}

// TestFirstInstant holds local times around changes of the clocks.
func TestFirstInstant(t *testing.T) {
	for _, test := range []struct{ zone, local, want string }{
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29 02:00", "2026-03-29T01:00:00Z"}, // skipped
		{"Europe/Berlin", "2026-03-29 02:59", "2026-03-29T01:00:00Z"}, // skipped
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25 01:59", "2026-10-24T23:59:00Z"},
		{"Europe/Berlin", "2026-10-25 02:00", "2026-10-25T00:00:00Z"}, // the first of two
		{"Europe/Berlin", "2026-10-25 02:59", "2026-10-25T00:59:00Z"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"}, // skipped
		{"Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05 01:30", "2026-04-04T14:30:00Z"}, // the first of two
		{"Asia/Beirut", "2026-03-29 00:00", "2026-03-28T22:00:00Z"},         // midnight is skipped
		{"America/Havana", "2026-03-08 00:30", "2026-03-08T05:00:00Z"},      // midnight is skipped
		{"America/Havana", "2026-11-01 00:30", "2026-11-01T04:30:00Z"},      // the first of two
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00:00Z"},        // the day is skipped
		{"UTC", "2026-11-01 00:30", "2026-11-01T00:30:00Z"},
		{"Pacific/Kiritimati", "2026-11-01 00:30", "2026-10-31T10:30:00Z"},
	} {
		zone, err := loadZone(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		local, err := time.Parse("2006-01-02 15:04", test.local)
		if err != nil {
			t.Fatal(err)
		}
		if got := firstInstant(local, zone).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.zone, test.local, got, test.want)
		}
	}
}

// TestWindows holds when windows are open, and when they open next.
func TestWindows(t *testing.T) {
	for _, test := range []struct{ window, at, closes, next string }{
		{"UTC 0 4 * * * for 2h", "2026-11-30T03:59:59Z", "", "2026-11-30 04:00 UTC"},
		{"UTC 0 4 * * * for 2h", "2026-11-30T04:00:00Z", "2026-11-30 06:00 UTC", "2026-12-01 04:00 UTC"},
		{"UTC 0 4 * * * for 2h", "2026-11-30T05:59:59Z", "2026-11-30 06:00 UTC", "2026-12-01 04:00 UTC"},
		{"UTC 0 4 * * * for 2h", "2026-11-30T06:00:00Z", "", "2026-12-01 04:00 UTC"},
		// Over midnight, and over a weekend.
		{"Europe/Berlin 0 22 * * * for 4h", "2026-12-01T00:30:00Z", "2026-12-01 02:00 CET", "2026-12-01 22:00 CET"},
		{"Europe/Berlin 0 22 * * 5 for 2d", "2026-11-29T20:59:00Z", "2026-11-29 22:00 CET", "2026-12-04 22:00 CET"},
		{"Europe/Berlin 0 22 * * FRI for 7d", "2026-11-29T20:59:00Z", "2026-12-04 22:00 CET", "2026-12-04 22:00 CET"},
		// The duration is elapsed time: clocks change within it.
		{"Europe/Berlin 0 1 * * * for 3h", "2026-03-29T02:30:00Z", "2026-03-29 05:00 CEST", "2026-03-30 01:00 CEST"},
		{"Europe/Berlin 0 1 * * * for 3h", "2026-10-25T01:30:00Z", "2026-10-25 03:00 CET", "2026-10-26 01:00 CET"},
		// Days and months.
		{"UTC 0 0 1 1 * for 1h", "2026-11-30T12:00:00Z", "", "2027-01-01 00:00 UTC"},
		{"UTC 0 0 29 2 * for 1h", "2026-11-30T12:00:00Z", "", "2028-02-29 00:00 UTC"},
		{"UTC 0 0 29 2 * for 1h", "2096-03-01T12:00:00Z", "", "2104-02-29 00:00 UTC"},
		{"UTC 0 4 * * 1-5 for 1h", "2026-11-27T12:00:00Z", "", "2026-11-30 04:00 UTC"},
		{"UTC 0 4 */10 * * for 1h", "2026-11-30T12:00:00Z", "", "2026-12-01 04:00 UTC"},
		// Windows that overlap themselves.
		{"UTC */20 8-9 * * * for 1h", "2026-11-30T10:30:00Z", "2026-11-30 10:40 UTC", "2026-12-01 08:00 UTC"},
		{"UTC * * * * * for 1m", "2026-11-30T10:30:30Z", "2026-11-30 10:31 UTC", "2026-11-30 10:31 UTC"},
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ParseWindow(test.window, at)
		if err != nil {
			t.Error(err)
			continue
		}
		closes, next := "", Windows{w}.Next(at).Format(minute)
		if end := (Windows{w}).Closes(at); !end.IsZero() {
			closes = end.Format(minute)
		}
		if closes != test.closes || next != test.next {
			t.Errorf("%s at %s: closes %q, next %q; want %q, %q", test.window, test.at, closes, next, test.closes, test.next)
		}
	}
}

// TestSeveralWindows: the last one that is open counts, and the first that opens.
func TestSeveralWindows(t *testing.T) {
	ws := Windows{mustWindow(t, "UTC 0 10 * * * for 3h"), mustWindow(t, "UTC 0 11 * * * for 4h"), mustWindow(t, "UTC 0 9 * * * for 4h"), mustWindow(t, "UTC 0 3 * * 1 for 1h")}
	if got := ws.Closes(noon); !got.Equal(noon.Add(3 * time.Hour)) {
		t.Errorf("closes at %s", got)
	}
	never := mustWindow(t, "UTC 0 0 31 2 * for 1h")
	if got := (Windows{never, ws[0], never}).Next(noon); !got.Equal(noon.Add(22 * time.Hour)) {
		t.Errorf("with a window that never opens: %s", got)
	}
	if got := ws.Next(noon); !got.Equal(noon.Add(21 * time.Hour)) {
		t.Errorf("opens at %s", got)
	}
	if !ws.Closes(noon.Add(3*time.Hour)).IsZero() || !(Windows{}).Next(noon).IsZero() {
		t.Error("a window is open after all have closed, or there is one without windows")
	}
	if ws.daily() != ws[0] || ws[3:].daily() != nil {
		t.Error("another window is daily")
	}
}

// TestParseWindow holds the messages for windows that are refused.
func TestParseWindow(t *testing.T) {
	const syntax = "write ZONE MINUTE HOUR DAY MONTH WEEKDAY for DURATION, such as Europe/Berlin 0 4 * * 1-5 for 2h"
	const fields = "; write minute, hour, day of the month, month and weekday, such as 0 4 * * 1-5"
	for text, want := range map[string]string{
		"":                                  syntax,
		"0 4 * * * for 2h":                  syntax,
		"Europe/Berlin 0 4 * * * 2h":        syntax,
		"Europe/Berlin 0 4 * * * during 2h": syntax,
		"UTC 0 0 4 * * * for 2h":            syntax,
		"UTC TZ=UTC @daily * * * for 2h":    `"TZ=UTC @daily * * *" is not a cron schedule`,
		"Local 0 4 * * * for 2h":            "name the time zone, such as Europe/Berlin: Local depends on the machine",
		"Berlin 0 4 * * * for 2h":           `"Berlin" is not a time zone; write one such as Europe/Berlin, America/New_York or UTC`,
		"../zone 0 4 * * * for 2h":          `"../zone" is not a time zone`,
		"UTC 60 4 * * * for 2h":             `"60 4 * * *" is not a cron schedule: end of range (60) above maximum (59): 60` + fields,
		"UTC 0 4 * * 7 for 2h":              `above maximum (6)`,
		"UTC 0 22-2 * * * for 2h":           `beyond end of range`,
		"UTC 0 4 1 * 1 for 2h":              `"0 4 1 * 1" restricts the day of the month (1) and the weekday (1): programs disagree whether both must match or one; write * for one of them`,
		"UTC 0 4 */2 * 0-6 for 2h":          `restricts the day of the month (*/2) and the weekday (0-6)`,
		"UTC 0 4 31 2 * for 2h":             "it never opens: no month has such a day",
		"UTC , 4 * * * for 2h":              "it never opens",
		"UTC 0 4 * * * for 2":               `"2" is not a duration`,
		"UTC 0 4 * * * for 59s":             "a window is open for 1m to 7d, not 59s",
		"UTC 0 4 * * * for 7d1s":            "a window is open for 1m to 7d, not 7d1s",
		"UTC 0 4 * * * for -1h":             "a window is open for 1m to 7d, not -1h",
		// Local times that clocks skip or repeat.
		"Europe/Berlin 0 2 * * * for 1h":        "02:00 does not exist in Europe/Berlin on 2027-03-28, when clocks change from 02:00 to 03:00; open it before 02:00 or from 03:00, or use the zone UTC",
		"Europe/Berlin 59 2 * * * for 1h":       "02:59 does not exist in Europe/Berlin on 2027-03-28",
		"Europe/Berlin 0 2 * 10 * for 1h":       "02:00 occurs twice in Europe/Berlin on 2027-10-31, when clocks change from 03:00 to 02:00; open it before 02:00 or from 03:00, or use the zone UTC",
		"Europe/Berlin 30 2 25 10 * for 1h":     "02:30 occurs twice in Europe/Berlin on 2037-10-25",
		"Europe/Berlin */5 * * * * for 1m":      "02:00 does not exist",
		"Australia/Lord_Howe 15 2 * * * for 1h": "02:15 does not exist in Australia/Lord_Howe on 2027-10-03, when clocks change from 02:00 to 02:30",
		"Australia/Lord_Howe 30 1 * * * for 1h": "01:30 occurs twice in Australia/Lord_Howe on 2027-04-04, when clocks change from 02:00 to 01:30; open it before 01:30 or from 02:00",
		"America/Santiago 30 0 * * * for 1h":    "00:30 does not exist in America/Santiago on 2027-09-05",
		"America/Santiago 30 23 * * * for 1h":   "23:30 occurs twice in America/Santiago on 2027-04-03",
		"America/Havana 0 0 * * * for 1h":       "00:00 does not exist in America/Havana on 2027-03-14",
		"Asia/Beirut 0 0 * * * for 1h":          "00:00 does not exist in Asia/Beirut on 2027-03-28",
	} {
		w, err := ParseWindow(text, noon)
		if w != nil || err == nil || !strings.HasPrefix(err.Error(), `sync window "`) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	_, err := ParseWindow("Berlin 60 4 * * * for 2", noon)
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not all mistakes at once: %v", err)
	}
}

// TestAcceptedWindows: local times next to a change of the clocks, and days on which they
// do not change, are accepted.
func TestAcceptedWindows(t *testing.T) {
	for _, text := range []string{
		"Europe/Berlin 59 1 * * * for 1h", "Europe/Berlin 0 3 * * * for 1h", "Europe/Berlin 30 2 * * 1-6 for 1h",
		"Europe/Berlin 30 2 * 4-9,11,12,1,2 0 for 1h", "Europe/Berlin  0 4\t? * * for 1h", "UTC 0 4 ? * 1-5 for 1h", "UTC 0 4 1 * ? for 1h", "Europe/Berlin 30 2 24 10 * for 1h",
		"Australia/Lord_Howe 0 2 * 4 * for 1h", "Australia/Lord_Howe 29 1 * * * for 1h", "Australia/Lord_Howe 0 12 * * * for 1h",
		"America/Santiago 0 1 * * * for 1h", "America/Havana 0 1 * * * for 1h", "Asia/Beirut 59 22 * * * for 1h",
		"Asia/Tokyo 30 2 * * * for 1h", "UTC * * * * * for 1m", "UTC 0 4 * * * for 7d",
	} {
		w, err := ParseWindow(text, noon)
		if err != nil {
			t.Error(err)
		} else if w.String() != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%s: %s", text, w)
		}
	}
}

// FuzzParseWindow: no text makes the parser panic, and an accepted window opens.
func FuzzParseWindow(f *testing.F) {
	for _, seed := range []string{"Europe/Berlin 0 4 * * 1-5 for 2h", "UTC TZ= @every 1-2/3 * ? for 1d", "UTC */0 4-1 , - / for 9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := ParseWindow(text, noon)
		if err == nil && !w.next(noon).After(noon) {
			t.Errorf("%q opens at %s", text, w.next(noon))
		}
	})
}
