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

// A Check is a rule for the values of a spec beyond their type. Values that the server
// reports are not checked. A nil Check accepts all.
type Check struct {
	Rule string // for the reference, such as "1 to 10"

	problem func(v any) string // returns what is wrong with a value, or ""
	hint    func(v any) string // returns what to do about a wrong value; nil: no hint
	Schema  jsonschema.Schema  // the part of the rule that JSON Schema can express
}

// Problem returns what is wrong with a value, or "".
func (c *Check) Problem(v any) string {
	if c == nil {
		return ""
	}
	return c.problem(v)
}

// Hint returns what to do about a wrong value, or "".
func (c *Check) Hint(v any) string {
	if c == nil || c.hint == nil {
		return ""
	}
	return c.hint(v)
}

// maxGiB is the largest plausible size in GiB. A larger number is probably in MiB.
const maxGiB = 1023

// sizeIn returns the check of a size with a unit.
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
				return fmt.Sprintf("%d is out of range; allowed are %d to %d", n, low, high)
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

// nameNotID is for references that responses always have by name.
var nameNotID = &Check{
	Rule:   "a name, not an id",
	Schema: jsonschema.Matching(`\S`).With(jsonschema.NotMatching("a name, not an id", uuidPattern)),
	problem: func(v any) string {
		if isUUID(v.(string)) {
			return "must be a name, not an id: the server reports snapshots by name, so an id would always be a difference"
		}
		return notEmpty.Problem(v)
	},
}

// nonEmptyList is for lists that have no meaning if they are empty.
var nonEmptyList = &Check{
	Rule:   "at least one",
	Schema: jsonschema.Schema{"minItems": 1}.With(jsonschema.Schema{"items": jsonschema.Matching(`\S`)}),
	problem: func(v any) string {
		list := v.([]string)
		if len(list) == 0 {
			return "must not be empty; remove the key instead"
		}
		if slices.ContainsFunc(list, func(s string) bool { return strings.TrimSpace(s) == "" }) {
			return "must not contain empty texts"
		}
		return ""
	},
}

// oneEntry is for lists that may only have one entry.
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
	Rule:   "greater than 0",
	Schema: jsonschema.Matching(`^[^-]*[1-9]`),
	problem: func(v any) string {
		if v.(time.Duration) <= 0 {
			return "must be greater than 0"
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
	// The server refuses names that look like HTML or links.
	unsafeNamePattern    = regexp.MustCompile(`(?i)<[a-z/]|(https?|s?ftps?|ssh|wss?|file|ldaps?)://|(javascript|data|mailto|tel):|www\.`)
	snapshotNamePattern  = regexp.MustCompile(`^[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+)*(@sha256:[0-9a-f]{64})?$`)
	destroyedNamePattern = regexp.MustCompile(`^` + destroyedPrefix)
)

// destroyedPrefix begins the names that the server gives to objects that are being
// deleted.
const destroyedPrefix = "DESTROYED_"

// isUUID reports whether uuidPattern matches s.
func isUUID(s string) bool {
	const length = 36
	return len(s) == length && uuidPattern.MatchString(s)
}

// isUnsafeName reports whether unsafeNamePattern matches s. All that it matches has one
// of three characters, which most names do not have.
func isUnsafeName(s string) bool {
	return strings.ContainsAny(s, "<:.") && unsafeNamePattern.MatchString(s)
}

// displayName is the server's rule for names of sandboxes and volumes. It also excludes
// ambiguous names: lookups try ids first, and the server renames objects that are being
// deleted.
var displayName = &Check{
	Rule:   "no control characters, no blanks at the start or end, not like HTML, a link or an id",
	Schema: jsonschema.Matching(`^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$`).With(jsonschema.NotMatching("not like HTML, a link or an id", unsafeNamePattern, uuidPattern, destroyedNamePattern)),
	problem: func(v any) string {
		s := v.(string)
		switch {
		case s == "":
			return "must not be empty"
		case s != strings.TrimSpace(s):
			return fmt.Sprintf("%q starts or ends with a blank", s)
		case strings.ContainsFunc(s, unicode.IsControl):
			return fmt.Sprintf("%q contains a control character", s)
		case isUnsafeName(s):
			return fmt.Sprintf("%q looks like HTML or a link, which Daytona refuses", s)
		case isUUID(s):
			return fmt.Sprintf("%q has the form of an id, which makes lookups by name ambiguous", s)
		case strings.HasPrefix(s, destroyedPrefix):
			return fmt.Sprintf("%q starts with DESTROYED_, which the server uses for objects that are being deleted", s)
		}
		return ""
	},
}

var snapshotName = &Check{
	Rule:   "letters, digits and _ . : - with single slashes between; not of the form of an id",
	Schema: jsonschema.Matching(snapshotNamePattern.String()).With(jsonschema.NotMatching("not like HTML, a link or an id", unsafeNamePattern, uuidPattern)),
	problem: func(v any) string {
		s := v.(string)
		switch {
		case isUUID(s):
			return fmt.Sprintf("%q has the form of an id, which makes lookups by name ambiguous", s)
		case isUnsafeName(s):
			return fmt.Sprintf("%q looks like HTML or a link, which Daytona refuses", s)
		case !snapshotNamePattern.MatchString(s):
			return fmt.Sprintf("%q is not a snapshot name; allowed are letters, digits and _ . : - with single slashes between", s)
		}
		return ""
	},
}

var userLabels = &Check{
	Rule:   "names that do not start with " + labelPrefix,
	Schema: jsonschema.Schema{"propertyNames": jsonschema.Schema{"not": jsonschema.Schema{"pattern": "^$|^" + LanguageLabel + "$|^" + labelPrefix}}},
	problem: func(v any) string {
		for _, k := range slices.Sorted(maps.Keys(v.(map[string]string))) {
			switch {
			case k == "":
				return "a label needs a name"
			case k == LanguageLabel:
				return fmt.Sprintf("the label %s is set through language", k)
			case strings.HasPrefix(k, labelPrefix):
				return fmt.Sprintf("labels that start with %s belong to fleet; rename %s", labelPrefix, k)
			}
		}
		return ""
	},
}

var envNames = &Check{
	Rule:   "names of letters, digits and _ . - that do not start with a digit",
	Schema: jsonschema.Schema{"propertyNames": jsonschema.Schema{"pattern": decode.EnvNamePattern.String(), "not": jsonschema.Schema{"enum": decode.ValueSources}}},
	problem: func(v any) string {
		for _, k := range slices.Sorted(maps.Keys(v.(map[string]string))) {
			if !decode.EnvNamePattern.MatchString(k) {
				return fmt.Sprintf("%q is not the name of an environment variable", k)
			}
			if slices.Contains(decode.ValueSources, k) {
				return fmt.Sprintf("%s is a reference for one variable; write it under a name, as in TOKEN: {%s: ...}", k, k)
			}
		}
		return ""
	},
}
