package spec

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
)

// A Check is what a wanted value must satisfy beyond its type. Values that the
// server reports are never checked: what is there is there. A nil Check accepts
// all.
type Check struct {
	Rule string // in words, such as "1 to 10"

	problem func(v any) string // what is wrong with a value, or ""
	hint    func(v any) string // what to do about a wrong value; nil: nothing more is known
	Schema  jsonschema.Schema  // what JSON Schema can say of it
}

// Problem says what is wrong with a value, or returns "".
func (c *Check) Problem(v any) string {
	if c == nil {
		return ""
	}
	return c.problem(v)
}

// Hint says what to do about a value that is wrong, or returns "".
func (c *Check) Hint(v any) string {
	if c == nil || c.hint == nil {
		return ""
	}
	return c.hint(v)
}

// maxGiB is the largest plausible size in GiB. A larger one is a number of MiB.
const maxGiB = 1023

// sizeIn is for sizes in a unit. Sizes in GiB that are as large as others are in
// MiB are mistakes.
func sizeIn(unit string) *Check {
	if unit != "GiB" {
		return between(1, 4096)
	}
	c := between(1, maxGiB)
	c.hint = func(v any) string {
		if n := v.(int); n > maxGiB {
			return fmt.Sprintf("the unit is GiB: write %d if you mean %d MiB", (n+1023)/1024, n)
		}
		return ""
	}
	return c
}

func between(low, high int) *Check {
	return &Check{
		Rule:   fmt.Sprintf("%d to %d", low, high),
		Schema: jsonschema.Schema{"minimum": low, "maximum": high},
		problem: func(v any) string {
			if n := v.(int); n < low || n > high {
				return fmt.Sprintf("%d is out of range: allowed is %d to %d", n, low, high)
			}
			return ""
		},
	}
}

var notEmpty = &Check{
	Rule:   "not empty",
	Schema: jsonschema.Matching(`\S`),
	problem: func(v any) string {
		if strings.TrimSpace(v.(string)) == "" {
			return "must not be empty"
		}
		return ""
	},
}

// nameNotID is for references that answers show by name, whatever was sent.
var nameNotID = &Check{
	Rule:   "a name, not an id",
	Schema: jsonschema.Matching(`\S`).With(jsonschema.NotMatching(uuidPattern)),
	problem: func(v any) string {
		if uuidPattern.MatchString(v.(string)) {
			return "must be a name: sandboxes show their snapshot by name, and an id would look like a change"
		}
		return notEmpty.Problem(v)
	},
}

// nonEmptyList is for lists that say nothing when they are empty.
var nonEmptyList = &Check{
	Rule:   "at least one",
	Schema: jsonschema.Schema{"minItems": 1}.With(jsonschema.Schema{"items": jsonschema.Matching(`\S`)}),
	problem: func(v any) string {
		list := v.([]string)
		if len(list) == 0 {
			return "must not be empty; leave it out to say nothing"
		}
		if slices.ContainsFunc(list, func(s string) bool { return strings.TrimSpace(s) == "" }) {
			return "must not hold empty texts"
		}
		return ""
	},
}

// oneEntry is for lists of which the server takes one entry.
var oneEntry = &Check{
	Rule:   "exactly one",
	Schema: jsonschema.Schema{"minItems": 1, "maxItems": 1},
	problem: func(v any) string {
		if wrong := nonEmptyList.Problem(v); wrong != "" {
			return wrong
		}
		if n := len(v.([]string)); n > 1 {
			return fmt.Sprintf("has %d entries; the server accepts one", n)
		}
		return ""
	},
}

var positiveDuration = &Check{
	Rule:   "longer than nothing",
	Schema: jsonschema.Matching(`^[^-]*[1-9]`),
	problem: func(v any) string {
		if v.(time.Duration) <= 0 {
			return "must be longer than nothing"
		}
		return ""
	},
}

var atMostEntries = &Check{
	Rule:   fmt.Sprintf("at most %d", maxAllowList),
	Schema: jsonschema.Schema{"maxItems": maxAllowList},
	problem: func(v any) string {
		if s := v.(string); strings.Count(s, ",") >= maxAllowList {
			return fmt.Sprintf("has %d entries; the server accepts %d", strings.Count(s, ",")+1, maxAllowList)
		}
		return ""
	},
}

var httpURL = &Check{
	Rule:   "an http or https URL",
	Schema: jsonschema.Matching(jsonschema.AnyCase(`^https?://[^/?#]`)),
	problem: func(v any) string {
		u, err := url.Parse(v.(string))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			// The text is not repeated: it may hold a password.
			return "must be an http or https URL"
		}
		return ""
	},
}

var (
	uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	// The server refuses names that could be taken for HTML or links.
	unsafeNamePattern    = regexp.MustCompile(`(?i)<[a-z/]|(https?|s?ftps?|ssh|wss?|file|ldaps?)://|(javascript|data|mailto|tel):|www\.`)
	snapshotNamePattern  = regexp.MustCompile(`^[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+)*(@sha256:[0-9a-f]{64})?$`)
	destroyedNamePattern = regexp.MustCompile(`^DESTROYED_`)
)

// displayName is the server's rule for sandboxes and volumes, and what would
// make a name ambiguous: lookups try ids first, and the server renames what is
// being deleted.
var displayName = &Check{
	Rule:   "no control characters, no blanks at its ends, nothing that looks like HTML, a link or an id",
	Schema: jsonschema.Matching(`^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$`).With(jsonschema.NotMatching(unsafeNamePattern, uuidPattern, destroyedNamePattern)),
	problem: func(v any) string {
		s := v.(string)
		switch {
		case s == "":
			return "must not be empty"
		case s != strings.TrimSpace(s):
			return fmt.Sprintf("%q begins or ends with a blank", s)
		case strings.ContainsFunc(s, unicode.IsControl):
			return fmt.Sprintf("%q holds a control character", s)
		case unsafeNamePattern.MatchString(s):
			return fmt.Sprintf("%q looks like HTML or a link, which Daytona refuses", s)
		case uuidPattern.MatchString(s):
			return fmt.Sprintf("%q has the form of an id; lookups would confuse them", s)
		case destroyedNamePattern.MatchString(s):
			return fmt.Sprintf("%q begins with DESTROYED_, as the server names what is being deleted", s)
		}
		return ""
	},
}

var snapshotName = &Check{
	Rule:   "letters, digits and _ . : - with single slashes between; not of the form of an id",
	Schema: jsonschema.Matching(snapshotNamePattern.String()).With(jsonschema.NotMatching(unsafeNamePattern, uuidPattern)),
	problem: func(v any) string {
		s := v.(string)
		switch {
		case uuidPattern.MatchString(s):
			return fmt.Sprintf("%q has the form of an id; lookups would confuse them", s)
		case unsafeNamePattern.MatchString(s):
			return fmt.Sprintf("%q looks like HTML or a link, which Daytona refuses", s)
		case !snapshotNamePattern.MatchString(s):
			return fmt.Sprintf("%q is not a snapshot name; allowed are letters, digits and _ . : - with single slashes between", s)
		}
		return ""
	},
}

var userLabels = &Check{
	Rule:   "names that do not begin with " + labelPrefix,
	Schema: jsonschema.Schema{"propertyNames": jsonschema.Schema{"not": jsonschema.Schema{"pattern": "^$|^" + LanguageLabel + "$|^" + labelPrefix}}},
	problem: func(v any) string {
		for _, k := range slices.Sorted(maps.Keys(v.(map[string]string))) {
			switch {
			case k == "":
				return "a label needs a name"
			case k == LanguageLabel:
				return fmt.Sprintf("the label %s is set through language", k)
			case strings.HasPrefix(k, labelPrefix):
				return fmt.Sprintf("labels beginning with %s belong to fleet: rename %s", labelPrefix, k)
			}
		}
		return ""
	},
}

var envNames = &Check{
	Rule:   "names of letters, digits and _ . - that do not begin with a digit",
	Schema: jsonschema.Schema{"propertyNames": jsonschema.Schema{"pattern": decode.EnvNamePattern.String(), "not": jsonschema.Schema{"enum": decode.ValueSources}}},
	problem: func(v any) string {
		for _, k := range slices.Sorted(maps.Keys(v.(map[string]string))) {
			if !decode.EnvNamePattern.MatchString(k) {
				return fmt.Sprintf("%q is not the name of an environment variable", k)
			}
			if slices.Contains(decode.ValueSources, k) {
				return fmt.Sprintf("%s gives the value of one variable; write it below a name, as in TOKEN: {%s: ...}", k, k)
			}
		}
		return ""
	},
}
