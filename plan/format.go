package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FormatInt is a number for a reader, as in 1,000.
func FormatInt(n int) string {
	if n < 0 {
		return "-" + FormatInt(-n)
	}
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Plural is a number with the word for what it counts, as in 2 sandboxes.
func Plural(n int, one, many string) string {
	return fmt.Sprintf("%d %s", n, PluralWord(n, one, many))
}

// PluralWord is the form of a word that goes with a number.
func PluralWord(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// JoinAnd is some words for a reader, as in a, b and c.
func JoinAnd(words []string) string { return joinWords(words, "and") }

// JoinOr is some words of which one is to be chosen, as in a, b or c.
func JoinOr(words []string) string { return joinWords(words, "or") }

func joinWords(words []string, last string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
	return strings.Join(words, "")
}

// JoinFirst is some words, of which the first are named and the others counted.
func JoinFirst(words []string, most int) string {
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}

// FormatDuration is a duration in its two largest units, as in 3 min 20 s or 4 d 2 h.
func FormatDuration(d time.Duration) string {
	d = d.Round(time.Second)
	units := []struct {
		name string
		of   time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	for i, u := range units {
		if d < u.of {
			continue
		}
		text := fmt.Sprintf("%d %s", d/u.of, u.name)
		if rest := d % u.of; i+1 < len(units) && rest >= units[i+1].of {
			text += fmt.Sprintf(" %d %s", rest/units[i+1].of, units[i+1].name)
		}
		return text
	}
	return "0 s"
}

// FormatInterval is a time between two things: in its two largest units, or as it was said
// when it is shorter than those.
func FormatInterval(d time.Duration) string {
	if d%time.Second != 0 && d < time.Minute {
		return d.String()
	}
	return FormatDuration(d)
}
