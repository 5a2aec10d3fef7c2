package cli

import (
	"testing"
	"time"
)

func TestParallelism(t *testing.T) {
	for text, want := range map[string]string{
		"auto": "auto", "1": "1", "1000": "1000", "0": "", "1001": "", "-1": "", "many": "", "": "",
	} {
		var p parallelism
		err := p.Set(text)
		if got := p.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: %s, %v; want %q", text, got, err, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "2d": 48 * time.Hour, "10m": 10 * time.Minute, "0": 0} {
		var d duration
		if err := d.Set(text); err != nil || time.Duration(d) != want {
			t.Errorf("%q: %s, %v; want %s", text, d.String(), err, want)
		}
	}
	for _, text := range []string{"", "fast", "5", "1x"} {
		d := duration(time.Second)
		if err := d.Set(text); err == nil || time.Duration(d) != time.Second {
			t.Errorf("%q: %s, %v; want an error and the old value", text, d.String(), err)
		}
	}
}
