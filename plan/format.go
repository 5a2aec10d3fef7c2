package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FormatInt returns n with separators for thousands, as in 1,000.
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

// Plural returns n with one or many, as in 2 sandboxes.
func Plural(n int, one, many string) string {
	return fmt.Sprintf("%d %s", n, PluralWord(n, one, many))
}

// PluralWord returns one if n is 1, else many.
func PluralWord(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// JoinAnd joins words as in "a, b and c".
func JoinAnd(words []string) string { return joinWords(words, "and") }

// JoinOr joins words as in "a, b or c".
func JoinOr(words []string) string { return joinWords(words, "or") }

func joinWords(words []string, last string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
	return strings.Join(words, "")
}

// JoinFirst joins at most most words and counts the others, as in "a, b and 3 more".
func JoinFirst(words []string, most int) string {
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}

// FormatDuration returns d, rounded to seconds, in its two largest units, as in
// 3 min 20 s or 4 d 2 h.
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

// FormatInterval returns d like [FormatDuration], but keeps fractions of a second in
// intervals shorter than a minute.
func FormatInterval(d time.Duration) string {
	if d%time.Second != 0 && d < time.Minute {
		return d.String()
	}
	return FormatDuration(d)
}
