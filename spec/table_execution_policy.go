package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fleet/internal/jsonschema"
)

// Rows that say how changes of a resource are carried out.

// executionPolicyRow is a row about what fleet does.
func executionPolicyRow(a *Attribute) *Attribute {
	a.Role, a.Visibility = Option, NotInAnyField
	return a
}

// An TimeoutClass is a sort of change that can be given a time of its own.
type TimeoutClass string

// The efforts.
const (
	TimeoutCreate  TimeoutClass = "create"
	TimeoutBuild   TimeoutClass = "build"
	TimeoutStart   TimeoutClass = "start"
	TimeoutStop    TimeoutClass = "stop"
	TimeoutUpdate  TimeoutClass = "update"
	TimeoutDelete  TimeoutClass = "delete"
	TimeoutArchive TimeoutClass = "archive"
)

// timeoutRows are the rows of timeouts, by what they are of.
var timeoutRows = map[TimeoutClass]*Attribute{
	TimeoutCreate:  timeoutClassRow(TimeoutCreate, "creating it takes, until the server shows it as usable; ready has times of its own"),
	TimeoutBuild:   timeoutClassRow(TimeoutBuild, "creating it takes where that builds an image"),
	TimeoutStart:   timeoutClassRow(TimeoutStart, "starting, resuming, recovering or activating it takes"),
	TimeoutStop:    timeoutClassRow(TimeoutStop, "stopping or pausing it takes"),
	TimeoutUpdate:  timeoutClassRow(TimeoutUpdate, "one change of its attributes or labels takes"),
	TimeoutDelete:  timeoutClassRow(TimeoutDelete, "deleting it takes, until it is gone"),
	TimeoutArchive: timeoutClassRow(TimeoutArchive, "archiving it takes"),
}

func timeoutClassRow(e TimeoutClass, what string) *Attribute {
	return executionPolicyRow(&Attribute{
		Key: "timeouts." + string(e), Type: duration, Check: positiveDuration,
		Doc:     fmt.Sprintf("Longest time that %s.", what),
		Example: fmt.Sprintf("timeouts: {%s: 10m}", e),
	})
}

// timeoutTable are the rows of timeouts that a kind has.
func timeoutTable(efforts ...TimeoutClass) Table {
	var t Table
	for _, e := range efforts {
		t = append(t, timeoutRows[e])
	}
	return t
}

var sandboxTimeoutClasses = []TimeoutClass{TimeoutCreate, TimeoutBuild, TimeoutStart, TimeoutStop, TimeoutUpdate, TimeoutDelete, TimeoutArchive}

var (
	readyExecRow = executionPolicyRow(&Attribute{
		Key: "ready.exec", Type: text, Check: notEmpty, AllowUnset: true,
		Doc:     "Command that the shell of the sandbox runs: it is ready when the exit code is 0.",
		Example: `ready: {exec: "test -f /tmp/ready"}`,
	})
	readyPortRow = executionPolicyRow(&Attribute{
		Key: "ready.port", Type: wholeNumber("a port"), Check: between(1, 65535),
		Doc:     "Port on which something answers over HTTP, asked through the preview: it is ready when the status is below 400.",
		Example: `ready: {port: 8080}`,
	})
	readyPathRow = executionPolicyRow(&Attribute{
		Key: "ready.path", Type: text, Check: urlPath,
		Doc:     "What is asked for on the port; / by default.",
		Example: `ready: {port: 8080, path: /healthz}`,
	})
	readyLogRow = executionPolicyRow(&Attribute{
		Key: "ready.log", Type: text, Check: regularExpression,
		Doc:     "Regular expression (RE2): it is ready when a line of what the sandbox's own process wrote matches.",
		Example: `ready: {log: ready}`,
	})
	readyIntervalRow = executionPolicyRow(&Attribute{
		Key: "ready.interval", Type: duration, Check: positiveDuration,
		Doc:     "Time between two checks; 2s by default.",
		Example: `ready: {exec: "true", interval: 5s}`,
	})
	readyRetriesRow = executionPolicyRow(&Attribute{
		Key: "ready.retries", Type: wholeNumber("checks"), Check: between(0, 100_000),
		Doc:     "How many checks may fail before the sandbox has failed; 30 by default.",
		Example: `ready: {exec: "true", retries: 60}`,
	})
	readyForRow = executionPolicyRow(&Attribute{
		Key: "ready.for", Type: duration, Check: positiveDuration,
		Doc:     "How long it has to stay ready before it counts as such. Without it the first check that succeeds is enough.",
		Example: `ready: {exec: "true", for: 10s}`,
	})
	readyTimeoutRow = executionPolicyRow(&Attribute{
		Key: "ready.timeout", Type: duration, Check: positiveDuration,
		Doc:     "Longest time that one check takes; 10s by default.",
		Example: `ready: {exec: "true", timeout: 30s}`,
	})
)

var probeRows = Table{readyExecRow, readyPortRow, readyPathRow, readyLogRow, readyIntervalRow, readyRetriesRow, readyForRow, readyTimeoutRow}

var (
	afterCreateRow = executionPolicyRow(&Attribute{
		Key: "hooks.after_create", Type: hookType(true), AllowUnset: true,
		Doc:     "Command that is run once after the sandbox was created and is ready. When it fails, the sandbox stays, and the next apply runs it again.",
		Example: `hooks: {after_create: {exec: make warm, timeout: 5m}}`,
	})
	beforeDestroyRow = executionPolicyRow(&Attribute{
		Key: "hooks.before_destroy", Type: hookType(true), AllowUnset: true,
		Doc:     "Command that is run before the sandbox is deleted or replaced. When it fails, the sandbox stays. In the shell of a sandbox that is not started nothing can be run: there it is left out.",
		Example: `hooks: {before_destroy: {exec: make save}}`,
	})
)

var (
	maxUnavailableRow = executionPolicyRow(&Attribute{
		Key: "rollout.max_unavailable", Type: intOrPercent, Check: nonZero,
		Doc:     "How many of the group, or which part of it, may be missing, broken or in change at once. Without it all may.",
		Example: `rollout: {max_unavailable: 10%}`,
	})
	canaryRow = executionPolicyRow(&Attribute{
		Key: "rollout.canary", Type: intOrPercent, Check: nonZero,
		Doc:     "How many are changed before all others. When one of them fails, the rollout has failed, whatever max_failures says.",
		Example: `rollout: {canary: 1}`,
	})
	wavesRow = executionPolicyRow(&Attribute{
		Key: "rollout.waves", Type: intOrPercents, Check: ascending,
		Doc:     "How many have been changed at the end of each wave. A wave begins when all of the one before have ended, ready or failed. What is left goes with a last wave.",
		Example: `rollout: {waves: [1, 10%, 50%, 100%]}`,
	})
	pauseRow = executionPolicyRow(&Attribute{
		Key: "rollout.pause", Type: duration, Check: positiveDuration,
		Doc:     "Time between two waves.",
		Example: `rollout: {waves: [1, 100%], pause: 2m}`,
	})
	maxFailuresRow = executionPolicyRow(&Attribute{
		Key: "rollout.max_failures", Type: intOrPercent,
		Doc:     "How many of a wave, or which part of it, may fail; none by default.",
		Example: `rollout: {max_failures: 5%}`,
	})
	onFailureRow = executionPolicyRow(&Attribute{
		Key: "rollout.on_failure", Type: oneOf(HaltRollout, ContinueRollout, RollBack),
		Doc:     "What to do when more of a wave fails than may: stop the rollout (the default), continue, or bring the sandboxes of the wave back to what they were (rollback). What was on their disks is lost all the same.",
		Example: `rollout: {on_failure: rollback}`,
	})
	surgeRow = executionPolicyRow(&Attribute{
		Key: "rollout.surge", Type: flag,
		Doc:     "Create the new sandbox before the old one is deleted. Two sandboxes cannot have one name, and none can be renamed: the names of the group then end in .next every other time, and a sandbox whose name the spec gives is replaced as without it.",
		Example: `rollout: {surge: true}`,
	})
)

var rolloutRows = groupRows(maxUnavailableRow, canaryRow, wavesRow, pauseRow, maxFailuresRow, onFailureRow, surgeRow)

// groupRows are rows that are said of a whole group.
func groupRows(rows ...*Attribute) Table {
	for _, a := range rows {
		a.GroupWide = true
	}
	return rows
}

// urlPath is for paths of URLs.
var urlPath = &Check{
	Rule:   "begins with /",
	Schema: jsonschema.Matching(`^/[^\s]*$`),
	problem: func(v any) string {
		if s := v.(string); !strings.HasPrefix(s, "/") || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' }) {
			return fmt.Sprintf("%q is not a path; write one such as /healthz", s)
		}
		return ""
	},
}

// regularExpression is for regular expressions.
var regularExpression = &Check{
	Rule:   "a regular expression",
	Schema: jsonschema.Matching(`\S`),
	problem: func(v any) string {
		if wrong := notEmpty.Problem(v); wrong != "" {
			return wrong
		}
		if _, err := regexp.Compile(v.(string)); err != nil {
			return fmt.Sprintf("%q is not a regular expression: %s", v, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		}
		return ""
	},
}

// nonZero is for parts that must not be nothing.
var nonZero = &Check{
	Rule:   "more than none",
	Schema: jsonschema.Schema{"not": jsonschema.Schema{"enum": []any{0, "0%"}}},
	problem: func(v any) string {
		if v.(IntOrPercent).N == 0 {
			return "must be more than none"
		}
		return ""
	},
}

// ascending is for the ends of waves.
var ascending = &Check{
	Rule:   "at least one, rising",
	Schema: jsonschema.Schema{"minItems": 1, "items": nonZero.Schema},
	problem: func(v any) string {
		list := v.([]IntOrPercent)
		if len(list) == 0 {
			return "must not be empty"
		}
		for i, s := range list {
			if wrong := nonZero.Problem(s); wrong != "" {
				return "a wave " + wrong
			}
			if i > 0 && s.Percent == list[i-1].Percent && s.N <= list[i-1].N {
				return fmt.Sprintf("a wave ends where all before it and its own have been changed: %s does not come after %s", s, list[i-1])
			}
		}
		return ""
	},
}

// executionPolicyRules are what contradicts itself in how changes are carried out.
var executionPolicyRules = []rule{
	{SandboxKind, readyPathRow, func(b block) bool { return b.has(readyPathRow) && !b.has(readyPortRow) }, "path says nothing without port", "add port, or take path out"},
	{SandboxKind, readyIntervalRow, func(b block) bool {
		says := slices.ContainsFunc(probeRows, b.has)
		return says && !b.has(readyExecRow) && !b.has(readyPortRow) && !b.has(readyLogRow) && !b.has(readyPathRow)
	}, "ready says how often to check, and not what", "add exec, port or log"},
}
