// Package metrics exports what a [journal.Journal] holds as Prometheus metrics. Gauges
// are read from its state at each scrape; counters follow its events. All labels have a
// bounded number of values, regardless of the size of the fleet.
package metrics
