package starter

import (
	"strings"
	"testing"
)

func TestFleetName(t *testing.T) {
	for dir, want := range map[string]string{
		"/home/me/Research":                "research",
		"/srv/my_fleet (2)":                "my-fleet-2",
		"/":                                "demo",
		"/tmp/---":                         "demo",
		"/tmp/" + strings.Repeat("a-", 40): strings.Trim(strings.Repeat("a-", 32)[:63], "-"),
	} {
		if got := FleetName(dir); got != want {
			t.Errorf("%s: %q, want %q", dir, got, want)
		}
	}
}

func TestProblem(t *testing.T) {
	valid := Default("/home/me/research")
	for _, tt := range []struct {
		name   string
		change func(*Spec)
		want   string // a part of the problem; empty if there is none
	}{
		{"defaults", func(*Spec) {}, ""},
		{"an image", func(s *Spec) { s.From, s.Source = Image, "debian:12" }, ""},
		{"a name", func(s *Spec) { s.Name = "Not A Name" }, "name"},
		{"a count", func(s *Spec) { s.Count = "many" }, "many"},
		{"an interval", func(s *Spec) { s.AutoStop = "-1" }, "-1"},
	} {
		s := valid
		tt.change(&s)
		got := s.Problem()
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
