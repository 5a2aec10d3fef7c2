package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeRules writes a file of rules.
func writeRules(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRules: something is allowed if one rule for the namespace allows it.
func TestRules(t *testing.T) {
	r, err := ReadRules(writeRules(t, `
rules:
- namespaces: [team-*]
  secrets: [daytona, "{namespace}-*"]
  fleets: ["{namespace}-*"]
  servers: [https://app.daytona.io/api]
- namespaces: [platform]
- namespaces: [spelled]
  servers: [https://Daytona.example:443/api/, "https://*.Daytona.example:443/api/", "https://{namespace}.example/"]
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		allows           func(namespace, value string) bool
		namespace, value string
		want             bool
	}{
		{r.AllowsSecret, "team-a", "daytona", true},
		{r.AllowsSecret, "team-a", "team-a-key", true},
		{r.AllowsSecret, "team-a", "team-b-key", false},
		{r.AllowsSecret, "team-a", "other", false},
		{r.AllowsSecret, "default", "daytona", false},
		{r.AllowsSecret, "platform", "anything", true},
		{r.AllowsFleet, "team-a", "team-a-web", true},
		{r.AllowsFleet, "team-a", "web", false},
		{r.AllowsServer, "team-a", "https://app.daytona.io/api", true},
		{r.AllowsServer, "team-a", "https://app.daytona.io.example/api", false},
		{r.AllowsServer, "platform", "https://daytona.internal/api", true},
		{r.AllowsServer, "team-a", "https://APP.daytona.io:443/api/", true},
		{r.AllowsServer, "team-a", "https://app.daytona.io/x/../api", true},
		{r.AllowsServer, "team-a", "https://app.daytona.io/x", false},
		{r.AllowsServer, "spelled", "https://daytona.example/api", true},
		{r.AllowsServer, "spelled", "https://eu.daytona.example/api", true},
		{r.AllowsServer, "spelled", "https://spelled.example", true},
		{r.AllowsServer, "spelled", "https://other.example", false},
		{r.AllowsServer, "spelled", "http://daytona.example/api", false},
		{(*Rules)(nil).AllowsSecret, "team-a", "anything", true},
		{(&Rules{}).AllowsSecret, "team-a", "anything", false},
	} {
		if got := test.allows(test.namespace, test.value); got != test.want {
			t.Errorf("%s in %s: %v", test.value, test.namespace, got)
		}
	}
}

// TestWrongRules: wrong rules stop the operator, with the reason.
func TestWrongRules(t *testing.T) {
	for text, want := range map[string]string{
		"rules: [{namespace: [a]}]": "namespace",
		"rules: [{secrets: ['[']}]": "not a pattern",
		"rule: []":                  "rule",
		"rules: {":                  "rules.yaml",
	} {
		if _, err := ReadRules(writeRules(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := ReadRules(t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
}
