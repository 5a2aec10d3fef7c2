package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronFields is the number of fields of a schedule.
const cronFields = 5

// A schedule is a set of local times: the five fields of cron. Only the parser of the
// library is used, since its computation of the next time loses days when clocks change.
type schedule struct{ fields *cron.SpecSchedule }

// parseSchedule parses the five fields of cron.
func parseSchedule(fields []string) (schedule, error) {
	text := strings.Join(fields, " ")
	if day, weekday := fields[2], fields[4]; !isStar(day) && !isStar(weekday) {
		return schedule{}, fmt.Errorf("%q restricts the day of the month (%s) and the weekday (%s): programs disagree whether both must match or one; write * for one of them", text, day, weekday)
	}
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	parsed, err := parser.Parse(text)
	if err != nil {
		return schedule{}, fmt.Errorf("%q is not a cron schedule: %w; write minute, hour, day of the month, month and weekday, such as 0 4 * * 1-5", text, err)
	}
	return schedule{parsed.(*cron.SpecSchedule)}, nil
}

func isStar(field string) bool { return field == "*" || field == "?" }

// onDay reports whether the schedule has times on the day of a local time.
func (s schedule) onDay(local time.Time) bool {
	return has(s.fields.Month, int(local.Month())) && has(s.fields.Dom, local.Day()) && has(s.fields.Dow, int(local.Weekday()))
}

// matches reports whether the local time is in the schedule.
func (s schedule) matches(local time.Time) bool {
	return s.onDay(local) && has(s.fields.Hour, local.Hour()) && has(s.fields.Minute, local.Minute())
}

// timesOn returns the local times of the schedule on the day of a local time, in order.
func (s schedule) timesOn(local time.Time) []time.Time {
	if !s.onDay(local) {
		return nil
	}
	var times []time.Time
	year, month, day := local.Date()
	for hour := range 24 {
		for minute := 0; minute < 60 && has(s.fields.Hour, hour); minute++ {
			if has(s.fields.Minute, minute) {
				times = append(times, time.Date(year, month, day, hour, minute, 0, 0, time.UTC))
			}
		}
	}
	return times
}

// isDaily reports whether the schedule has times on every day.
func (s schedule) isDaily() bool {
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == 2024; day = day.AddDate(0, 0, 1) {
		if !s.onDay(day) {
			return false
		}
	}
	return true
}

func has(bits uint64, n int) bool { return bits&(1<<n) != 0 }
