// Package journal holds what a watch does and has done: its passes, the objects of the
// fleet, the plan that waits, alarms, and a stream of events. The watch writes it; the
// page, the metrics, notifications and the log read it. All texts in it are redacted and
// escaped, so that its readers need not do so.
package journal
