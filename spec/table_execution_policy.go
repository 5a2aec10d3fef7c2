package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Rows that determine how changes of a resource are carried out.

// executionPolicyRow makes a row an option of fleet.
func executionPolicyRow(a *Attribute) *Attribute {
	a.Role, a.Visibility = Option, notInAnyField
	return a
}

// A TimeoutClass is a class of changes with a timeout of its own.
type TimeoutClass string

// The classes.
const (
	TimeoutCreate  TimeoutClass = "create"
	TimeoutBuild   TimeoutClass = "build"
	TimeoutStart   TimeoutClass = "start"
	TimeoutStop    TimeoutClass = "stop"
	TimeoutUpdate  TimeoutClass = "update"
	TimeoutDelete  TimeoutClass = "delete"
	TimeoutArchive TimeoutClass = "archive"
)

// timeoutRows are the rows of timeouts by class.
var timeoutRows = map[TimeoutClass]*Attribute{
	TimeoutCreate:  timeoutClassRow(TimeoutCreate, "creation may take, until the server reports the resource as usable; ready has timeouts of its own"),
	TimeoutBuild:   timeoutClassRow(TimeoutBuild, "creation may take if it builds an image"),
	TimeoutStart:   timeoutClassRow(TimeoutStart, "starting, resuming, recovering or activating may take"),
	TimeoutStop:    timeoutClassRow(TimeoutStop, "stopping or pausing may take"),
	TimeoutUpdate:  timeoutClassRow(TimeoutUpdate, "one change of attributes or labels may take"),
	TimeoutDelete:  timeoutClassRow(TimeoutDelete, "deletion may take, until the resource no longer exists"),
	TimeoutArchive: timeoutClassRow(TimeoutArchive, "archiving may take"),
}

func timeoutClassRow(e TimeoutClass, what string) *Attribute {
	return executionPolicyRow(&Attribute{
		Key: "timeouts." + string(e), Type: duration, Check: positiveDuration,
		Doc:     fmt.Sprintf("Longest time that %s.", what),
		Example: fmt.Sprintf("timeouts: {%s: 10m}", e),
	})
}

// timeoutTable returns the rows of the classes that a kind has.
func timeoutTable(classes ...TimeoutClass) Table {
	var t Table
	for _, e := range classes {
		t = append(t, timeoutRows[e])
	}
	return t
}

var sandboxTimeoutClasses = []TimeoutClass{TimeoutCreate, TimeoutBuild, TimeoutStart, TimeoutStop, TimeoutUpdate, TimeoutDelete, TimeoutArchive}

var (
	readyExecRow = executionPolicyRow(&Attribute{
		Key: "ready.exec", Type: text, Check: notEmpty, AllowUnset: true,
		Doc:     "Command for the shell of the sandbox. The sandbox is ready if the exit code is 0.",
		Example: `ready: {exec: "test -f /tmp/ready"}`,
	})
	readyPortRow = executionPolicyRow(&Attribute{
		Key: "ready.port", Type: wholeNumber("a port"), Check: between(1, 65535),
		Doc:     "Port of an HTTP server, requested through the preview. The sandbox is ready if the status is below 400.",
		Example: `ready: {port: 8080}`,
	})
	readyPathRow = executionPolicyRow(&Attribute{
		Key: "ready.path", Type: text, Check: urlPath,
		Doc:     "URL path of the request to the port; / by default.",
		Example: `ready: {port: 8080, path: /healthz}`,
	})
	readyLogRow = executionPolicyRow(&Attribute{
		Key: "ready.log", Type: text, Check: regularExpression,
		Doc:     "Regular expression (RE2). The sandbox is ready if it matches a line of the log of the sandbox's main process.",
		Example: `ready: {log: ready}`,
	})
	readyIntervalRow = executionPolicyRow(&Attribute{
		Key: "ready.interval", Type: duration, Check: positiveDuration,
		Doc:     "Time between two checks; 2s by default.",
		Example: `ready: {exec: "true", interval: 5s}`,
	})
	readyRetriesRow = executionPolicyRow(&Attribute{
		Key: "ready.retries", Type: wholeNumber("checks"), Check: between(0, 100_000),
		Doc:     "Number of checks that may fail before the sandbox has failed; 30 by default.",
		Example: `ready: {exec: "true", retries: 60}`,
	})
	readyForRow = executionPolicyRow(&Attribute{
		Key: "ready.for", Type: duration, Check: positiveDuration,
		Doc:     "How long checks must succeed before the sandbox counts as ready. Without it, one successful check is enough.",
		Example: `ready: {exec: "true", for: 10s}`,
	})
	readyTimeoutRow = executionPolicyRow(&Attribute{
		Key: "ready.timeout", Type: duration, Check: positiveDuration,
		Doc:     "Longest time that one check may take; 10s by default.",
		Example: `ready: {exec: "true", timeout: 30s}`,
	})
)

var probeRows = Table{readyExecRow, readyPortRow, readyPathRow, readyLogRow, readyIntervalRow, readyRetriesRow, readyForRow, readyTimeoutRow}

var (
	afterCreateRow = executionPolicyRow(&Attribute{
		Key: "hooks.after_create", Type: hookType(true), AllowUnset: true,
		Doc:     "Command to run once after the sandbox was created and is ready. If it fails, the sandbox is kept, and the next apply runs the command again.",
		Example: `hooks: {after_create: {exec: make warm, timeout: 5m}}`,
	})
	beforeDestroyRow = executionPolicyRow(&Attribute{
		Key: "hooks.before_destroy", Type: hookType(true), AllowUnset: true,
		Doc:     "Command to run before the sandbox is deleted or replaced. If it fails, the sandbox is kept. A command for the shell of the sandbox is skipped if the sandbox is not started.",
		Example: `hooks: {before_destroy: {exec: make save}}`,
	})
)

var (
	maxUnavailableRow = executionPolicyRow(&Attribute{
		Key: "rollout.max_unavailable", Type: intOrPercent, Check: nonZero,
		Doc:     "Count or percentage of the group that may be missing, failed or changing at the same time. Without it, there is no limit.",
		Example: `rollout: {max_unavailable: 10%}`,
	})
	canaryRow = executionPolicyRow(&Attribute{
		Key: "rollout.canary", Type: intOrPercent, Check: nonZero,
		Doc:     "Count or percentage of the group to change before all others. If one of them fails, the rollout has failed, regardless of max_failures.",
		Example: `rollout: {canary: 1}`,
	})
	wavesRow = executionPolicyRow(&Attribute{
		Key: "rollout.waves", Type: intOrPercents, Check: ascending,
		Doc:     "Total count or percentage of the group that has been changed at the end of each wave. A wave starts when all sandboxes of the previous one are ready or have failed. The rest forms a last wave.",
		Example: `rollout: {waves: [1, 10%, 50%, 100%]}`,
	})
	pauseRow = executionPolicyRow(&Attribute{
		Key: "rollout.pause", Type: duration, Check: positiveDuration,
		Doc:     "Time between two waves.",
		Example: `rollout: {waves: [1, 100%], pause: 2m}`,
	})
	maxFailuresRow = executionPolicyRow(&Attribute{
		Key: "rollout.max_failures", Type: intOrPercent,
		Doc:     "Count or percentage of a wave that may fail; 0 by default.",
		Example: `rollout: {max_failures: 5%}`,
	})
	onFailureRow = executionPolicyRow(&Attribute{
		Key: "rollout.on_failure", Type: oneOf(HaltRollout, ContinueRollout, RollBack),
		Doc:     "What to do if more of a wave fails than max_failures allows: stop the rollout (the default), continue, or restore the former attributes of the wave's sandboxes (rollback). The content of their disks is lost in any case.",
		Example: `rollout: {on_failure: rollback}`,
	})
	surgeRow = executionPolicyRow(&Attribute{
		Key: "rollout.surge", Type: flag,
		Doc:     "Create the new sandbox before the old one is deleted. Since names are unique and sandboxes cannot be renamed, the names alternate between the normal one and one that ends in .next. A sandbox with an explicit name is replaced without surge.",
		Example: `rollout: {surge: true}`,
	})
)

var rolloutRows = groupRows(maxUnavailableRow, canaryRow, wavesRow, pauseRow, maxFailuresRow, onFailureRow, surgeRow)

// groupRows returns rows whose values apply to a whole group.
func groupRows(rows ...*Attribute) Table {
	for _, a := range rows {
		a.GroupWide = true
	}
	return rows
}

// urlPath is for paths of URLs.
var urlPath = &Check{
	Rule:   "starts with /",
	schema: matching(`^/[^\s]*$`),
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
	schema: matching(`\S`),
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

// nonZero is for counts and percentages other than 0.
var nonZero = &Check{
	Rule:   "greater than 0",
	schema: Schema{"not": Schema{"enum": []any{0, "0%"}}},
	problem: func(v any) string {
		if v.(IntOrPercent).N == 0 {
			return "must be greater than 0"
		}
		return ""
	},
}

// ascending is for the ends of waves.
var ascending = &Check{
	Rule:   "at least one, increasing",
	schema: Schema{"minItems": 1, "items": nonZero.schema},
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
				return fmt.Sprintf("waves are cumulative: %s is not greater than %s", s, list[i-1])
			}
		}
		return ""
	},
}

// executionPolicyRules are illegal combinations of these rows.
var executionPolicyRules = []rule{
	{SandboxKind, readyPathRow, func(b block) bool { return b.has(readyPathRow) && !b.has(readyPortRow) }, "path has no effect without port", "add port or remove path"},
	{SandboxKind, readyIntervalRow, func(b block) bool {
		isSet := slices.ContainsFunc(probeRows, b.has)
		return isSet && !b.has(readyExecRow) && !b.has(readyPortRow) && !b.has(readyLogRow) && !b.has(readyPathRow)
	}, "ready has no check", "add exec, port or log"},
}
