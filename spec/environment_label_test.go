package spec

import "testing"

// inEnvironment returns the sandbox web of a spec that is read for an environment.
func inEnvironment(t *testing.T, environment string) *Resource {
	t.Helper()
	f, err := Options{Environment: environment}.Parse(Source{"fleet.yaml", []byte("version: 1\nname: demo\nenvironments: {prod: {}, dev: {}}\nsandboxes: {web: {}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	return get(t, f, "sandbox.web")
}

// TestEnvironmentLabel checks the label in every function that returns labels.
func TestEnvironmentLabel(t *testing.T) {
	prod, none := inEnvironment(t, "prod"), inEnvironment(t, "")
	created := prod.Labels("demo", nil)
	foreign := map[string]string{EnvironmentLabel: "prod", "team": "a"}
	tests := []struct {
		name   string
		labels map[string]string
		want   string
	}{
		{"created for an environment", created, "prod"},
		{"created for none", none.Labels("demo", nil), ""},
		{"written over none", prod.Labels("demo", map[string]string{}), "prod"},
		{"written for another", inEnvironment(t, "dev").Labels("demo", created), "dev"},
		{"written for none", none.Labels("demo", created), ""},
		{"relabelled", Relabel("demo", "dev", "web", foreign), "dev"},
		{"relabelled for none", Relabel("demo", "", "web", foreign), ""},
		{"restored", RestoreLabels(inEnvironment(t, "dev").Labels("demo", created), created), "prod"},
		{"released", WithoutFleetLabels(created), ""},
		{"finished", WithoutPending(created), "prod"},
		{"under another name", prod.WithName("web.next").Labels("demo", nil), "prod"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, is := test.labels[EnvironmentLabel]
			if got != test.want || is != (test.want != "") {
				t.Errorf("the label is %q (present: %v), want %q", got, is, test.want)
			}
		})
	}
}
