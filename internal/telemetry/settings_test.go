package telemetry

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

const collectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"

// Each value is followed, or refused with a sentence that names the variable.
func TestSettings(t *testing.T) {
	const secret = "hunter2"
	for _, test := range []struct {
		want string // in the error; "" for none
		env  []string
	}{
		{"", []string{collectorVariable, "http://c"}},
		{"", []string{collectorVariable, "HTTPS://c:4318/base/"}},
		{"", []string{collectorVariable, " http://[::1]:4318 "}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT has no scheme; write http://localhost:4318, or https:// if", []string{collectorVariable, "localhost:4318"}},
		{"write http://127.0.0.1:4318, or", []string{collectorVariable, "127.0.0.1:4318"}},
		{"write http://[::1]:4318, or", []string{collectorVariable, "[::1]:4318/v1"}},
		{"write http://collector, or", []string{collectorVariable, "collector"}},
		{"write http://localhost:4318, or", []string{collectorVariable, "user:" + secret + "@c:1"}},
		{"write http://localhost:4318, or", []string{collectorVariable, "c:1?key=" + secret}},
		{"write http://localhost:4318, or", []string{collectorVariable, "http:/c"}},
		{"is not the address of an HTTP server; write http://c:4317, or", []string{collectorVariable, "grpc://c:4317"}},
		{"is not the address of an HTTP server", []string{collectorVariable, "unix:///run/otel"}},
		{"has no host", []string{collectorVariable, "http://"}},
		{"has no host", []string{collectorVariable, "http://:4318"}},
		{"is not a URL", []string{collectorVariable, "http://c:port-" + secret}},
		{"has a query", []string{collectorVariable, "http://c/?key=" + secret}},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT has no scheme", []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "c:1"}},
		// The variable of the signal takes precedence, and signals that are off read nothing.
		{"", []string{collectorVariable, "c:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c", "OTEL_METRICS_EXPORTER", "none"}},
		{"", []string{collectorVariable, "http://c", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc", "OTEL_METRICS_EXPORTER", "none"}},

		{"OTEL_EXPORTER_OTLP_PROTOCOL is grpc, which fleet does not support; set it to http/protobuf, and the endpoint", []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}},
		{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL is grpc", []string{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"}},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is grpc", []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"}},
		{`is "HTTP/protobuf"; set it to http/protobuf`, []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "HTTP/protobuf"}},
		{"", []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}},
		{"OTEL_EXPORTER_OTLP_PROTOCOL is http/json, which fleet supports for traces only; set OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf", []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}},
		{"", []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"}},
		{"", []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_METRICS_EXPORTER", "none"}},
		{"", []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"}},

		{"is true, but the endpoint begins with https://", []string{collectorVariable, "https://c", "OTEL_EXPORTER_OTLP_INSECURE", "True"}},
		{"is false, but the endpoint begins with http://", []string{collectorVariable, "http://c", "OTEL_EXPORTER_OTLP_TRACES_INSECURE", "false"}},
		{"", []string{collectorVariable, "http://c", "OTEL_EXPORTER_OTLP_INSECURE", "TRUE"}},
		{`OTEL_EXPORTER_OTLP_INSECURE is "1"; set it to true or false`, []string{"OTEL_EXPORTER_OTLP_INSECURE", "1"}},
		{`OTEL_EXPORTER_OTLP_COMPRESSION is "zstd"; set it to gzip or none`, []string{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"}},
		{`is "GZIP"`, []string{"OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"}},
		{`OTEL_EXPORTER_OTLP_TIMEOUT is "10s"; set it to a number of milliseconds`, []string{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"}},
		{"OTEL_EXPORTER_OTLP_HEADERS has an invalid entry 2", []string{"OTEL_EXPORTER_OTLP_HEADERS", "a=b,Authorization: " + secret}},
		{"has an invalid entry 1", []string{"OTEL_EXPORTER_OTLP_HEADERS", "a b=" + secret}},
		{"has an invalid entry 1", []string{"OTEL_EXPORTER_OTLP_HEADERS", "a=" + secret + "%zz"}},
		{"", []string{"OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b== , y=,"}},
		{`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is "sum"; set it to cumulative or delta or lowmemory`, []string{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Sum"}},
		{`is "linear"`, []string{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "linear"}},
		{`OTEL_TRACES_EXPORTER is "console"; fleet has the exporters otlp and none`, []string{"OTEL_TRACES_EXPORTER", "console"}},
		{`OTEL_METRICS_EXPORTER is "prometheus"`, []string{"OTEL_METRICS_EXPORTER", "prometheus"}},
	} {
		lookup := environment(append(test.env, "DAYTONA_OTEL_ENABLED", "true")...)
		err := checkSettings(signalsFromEnv(lookup), lookup)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%v: %v", test.env, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%v: got %v, want %s", test.env, err, test.want)
		case err != nil && strings.Contains(err.Error(), secret):
			t.Errorf("%v: the error has a secret: %v", test.env, err)
		}
	}
}

// All mistakes are reported at once, and each only once.
func TestSettingsAtOnce(t *testing.T) {
	lookup := environment(collectorVariable, "c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	observed, err := Start(t.Context(), lookup, "1")
	const want = "nothing is exported: OTEL_EXPORTER_OTLP_ENDPOINT has no scheme; write http://c:4317, or https:// if the collector uses TLS; " +
		"OTEL_EXPORTER_OTLP_PROTOCOL is grpc, which fleet does not support; set it to http/protobuf, and the endpoint to the HTTP port of the collector, usually 4318"
	if observed != nil || err == nil || err.Error() != want {
		t.Errorf("got %v, %v", observed, err)
	}
}

// Traces are JSON if the environment asks for it, and metrics follow their own variable.
func TestJSONTraces(t *testing.T) {
	types := make(chan string, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		types <- req.URL.Path + " " + req.Header.Get("Content-Type")
		w.Header().Set("Content-Type", req.Header.Get("Content-Type"))
	}))
	defer server.Close()
	t.Setenv(collectorVariable, server.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf")
	observed, err := Start(t.Context(), os.LookupEnv, "1")
	if err != nil {
		t.Fatal(err)
	}
	observeAPlan(observed)
	if err := observed.Close(); err != nil {
		t.Error(err)
	}
	close(types)
	got := map[string]bool{}
	for one := range types {
		got[one] = true
	}
	for _, want := range []string{"/v1/traces application/json", "/v1/metrics application/x-protobuf"} {
		if !got[want] {
			t.Errorf("no %s in %v", want, got)
		}
	}
}

// TestSpeaksFirst: the first bytes of a port of gRPC may arrive before or after the request
// was sent, which net/http reports differently.
func TestSpeaksFirst(t *testing.T) {
	for text, want := range map[string]bool{
		`malformed HTTP response "\x00\x00\x06\x04"`: true,
		"readLoopPeekFailLocked: %!w(<nil>)":         true,
		"connection refused":                         false,
	} {
		var e exportErrors
		e.Handle(errors.New(text))
		if got := strings.Contains(e.first().Error(), "the port may be that of gRPC"); got != want {
			t.Errorf("%s: got %v", text, e.first())
		}
	}
}

// A port that speaks gRPC is recognised by its first bytes.
func TestPortOfGRPC(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00@\x00\n"))
			_ = conn.Close()
		}
	}()
	t.Setenv(collectorVariable, "http://"+listener.Addr().String())
	observed, err := Start(t.Context(), os.LookupEnv, "1")
	if err != nil {
		t.Fatal(err)
	}
	observeAPlan(observed)
	if err := observed.Close(); err == nil || !strings.Contains(err.Error(), "use the HTTP port of the collector, usually 4318") {
		t.Errorf("got %v", err)
	}
	_ = listener.Close()
	<-ended
}
