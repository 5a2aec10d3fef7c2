package telemetry

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// exporterPrefix begins the variables of the exporters. Those of one signal have its name
// next, and take precedence.
const exporterPrefix = "OTEL_EXPORTER_OTLP_"

// A setting is a variable of the exporters. The exporters ignore an invalid value and use
// a default, which may be another collector.
type setting struct {
	name  string                       // after the prefix and the name of the signal
	check func(value string) error     // of a value that is not empty
	also  func(signal, v string) error // what holds for one signal only; nil for nothing
}

var settings = []setting{
	{name: "ENDPOINT", check: checkEndpoint},
	{name: "PROTOCOL", check: checkProtocol, also: checkSignalProtocol},
	{name: "COMPRESSION", check: oneOf("gzip", "none")},
	{name: "HEADERS", check: checkHeaders},
	{name: "TIMEOUT", check: checkMilliseconds},
	{name: "INSECURE", check: anyCase(oneOf("true", "false"))},
	{name: "TEMPORALITY_PREFERENCE", check: anyCase(oneOf("cumulative", "delta", "lowmemory"))},
	{name: "DEFAULT_HISTOGRAM_AGGREGATION", check: anyCase(oneOf("explicit_bucket_histogram", "base2_exponential_bucket_histogram"))},
}

// checkSettings returns an error that names each variable of an enabled signal whose value
// cannot be followed, or nil. It holds no values that may be credentials.
func checkSettings(on signals, lookup func(string) (string, bool)) error {
	var wrong []string
	report := func(variable string, err error) {
		if err == nil {
			return
		}
		if text := variable + " " + err.Error(); !slices.Contains(wrong, text) {
			wrong = append(wrong, text)
		}
	}
	for _, signal := range on.names() {
		inForce := map[string]string{}
		for _, s := range settings {
			variable, value := signalVariable(lookup, signal, s.name)
			if inForce[s.name] = value; value == "" {
				continue
			}
			if err := s.check(value); err != nil || s.also == nil {
				report(variable, err)
			} else {
				report(variable, s.also(signal, value))
			}
		}
		report(checkInsecure(lookup, signal, inForce["ENDPOINT"]))
		exporter := "OTEL_" + signal + "_EXPORTER"
		value, _ := lookup(exporter)
		report(exporter, checkExporter(value))
	}
	if wrong == nil {
		return nil
	}
	return errors.New("nothing is exported: " + strings.Join(wrong, "; "))
}

// names returns the enabled signals as variables name them.
func (on signals) names() (names []string) {
	if on.traces {
		names = append(names, "TRACES")
	}
	if on.metrics {
		names = append(names, "METRICS")
	}
	return names
}

// signalVariable returns the variable that sets something for a signal, and its value.
// The value is "" if nothing sets it.
func signalVariable(lookup func(string) (string, bool), signal, name string) (variable, value string) {
	for _, variable = range []string{exporterPrefix + signal + "_" + name, exporterPrefix + name} {
		value, _ = lookup(variable)
		if value = strings.TrimSpace(value); value != "" {
			return variable, value
		}
	}
	return variable, ""
}

// checkEndpoint returns an error unless the value is the address of a collector.
func checkEndpoint(value string) error {
	scheme, rest, has := strings.Cut(value, "://")
	if !has {
		return fmt.Errorf("has no scheme; write http://%s, or https:// if the collector uses TLS", shownHost(value))
	}
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
		return fmt.Errorf("is not the address of an HTTP server; write http://%s, or https:// if the collector uses TLS", shownHost(rest))
	}
	u, err := url.Parse(value)
	switch {
	case err != nil: // its text has the value
		return errors.New("is not a URL; write it like http://localhost:4318")
	case u.Hostname() == "":
		return errors.New("has no host; write it like http://localhost:4318")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("has a query or a fragment, which is never sent; put credentials into " + exporterPrefix + "HEADERS")
	}
	return nil
}

// shownHost returns the host and port that a value begins with, or an example if it may
// hold something else, such as credentials.
func shownHost(value string) string {
	host, _, _ := strings.Cut(value, "/")
	if u, err := url.Parse("http://" + host); err != nil || u.Host != host || u.Hostname() == "" || strings.HasSuffix(host, ":") {
		return "localhost:4318"
	}
	return host
}

// checkProtocol returns an error unless fleet can export over the protocol.
func checkProtocol(value string) error {
	switch value {
	case "http/protobuf", "http/json":
		return nil
	case "grpc":
		return errors.New("is grpc, which fleet does not support; set it to http/protobuf, and the endpoint to the HTTP port of the collector, usually 4318")
	}
	return fmt.Errorf("is %s; set it to http/protobuf", strconv.Quote(value))
}

// checkSignalProtocol returns an error if fleet cannot export the signal over a protocol
// that it can use for others.
func checkSignalProtocol(signal, value string) error {
	if signal == "METRICS" && value == "http/json" {
		return fmt.Errorf("is http/json, which fleet supports for traces only; set %sMETRICS_PROTOCOL=http/protobuf, or OTEL_METRICS_EXPORTER=none", exporterPrefix)
	}
	return nil
}

// checkInsecure returns the variable, and an error if it contradicts the scheme of the
// endpoint: it would silently replace it.
func checkInsecure(lookup func(string) (string, bool), signal, endpoint string) (string, error) {
	variable, value := signalVariable(lookup, signal, "INSECURE")
	scheme, _, _ := strings.Cut(strings.ToLower(endpoint), "://")
	switch value = strings.ToLower(value); {
	case value == "true" && scheme == "https":
		return variable, errors.New("is true, but the endpoint begins with https://; unset it, or write http://")
	case value == "false" && scheme == "http":
		return variable, errors.New("is false, but the endpoint begins with http://; unset it, or write https://")
	}
	return variable, nil
}

// checkExporter returns an error unless the list of exporters is OTLP alone.
func checkExporter(list string) error {
	if value := cmp.Or(strings.TrimSpace(list), "otlp"); value != "otlp" {
		return fmt.Errorf("is %s; fleet has the exporters otlp and none", strconv.Quote(value))
	}
	return nil
}

// anyCase returns a check that ignores the case of letters.
func anyCase(check func(string) error) func(string) error {
	return func(value string) error { return check(strings.ToLower(value)) }
}

// oneOf returns a check that a value is one of some words.
func oneOf(words ...string) func(string) error {
	return func(value string) error {
		if slices.Contains(words, value) {
			return nil
		}
		return fmt.Errorf("is %s; set it to %s", strconv.Quote(value), strings.Join(words, " or "))
	}
}

// checkMilliseconds returns an error unless the value is a number of milliseconds.
// 0 means that an export has no limit of its own.
func checkMilliseconds(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 0 {
		return fmt.Errorf("is %s; set it to a number of milliseconds, such as 10000", strconv.Quote(value))
	}
	return nil
}

// checkHeaders returns an error unless the value is a list of headers. It never has the
// value, which usually holds a key.
func checkHeaders(value string) error {
	for i, pair := range strings.Split(value, ",") {
		if strings.TrimSpace(pair) == "" { // after a last comma
			continue
		}
		name, text, has := strings.Cut(pair, "=")
		_, err := url.PathUnescape(text)
		if !has || err != nil || !isToken(strings.TrimSpace(name)) {
			return fmt.Errorf("has an invalid entry %d; write it like name=value,name=value, and special characters as %%XX", i+1)
		}
	}
	return nil
}

// isToken reports whether a text can be the name of a header.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r > 0x7e || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
