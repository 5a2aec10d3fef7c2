package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/internal/dockerfile"
	"fleet/internal/tooltest"
)

const examples = "../../../examples/watch/"

func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(examples + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// systemdVersion returns the version of systemd-analyze. It skips the test if the
// program is not installed.
func systemdVersion(t *testing.T) int {
	t.Helper()
	out, err := exec.Command(tooltest.Path(t, "systemd-analyze"), "--version").Output()
	if err != nil {
		tooltest.Missing(t, "systemd-analyze", err.Error())
	}
	version, err := strconv.Atoi(regexp.MustCompile(`\d+`).FindString(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// systemd accepts the unit, and finds little that it could still take away.
func TestUnit(t *testing.T) {
	text := example(t, "fleet-watch.service")
	for _, want := range []string{"Type=notify-reload", "DynamicUser=yes", "LoadCredential=", "WatchdogSec=", "Restart=always", "NoNewPrivileges=yes"} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("the unit has no %s", want)
		}
	}
	if strings.Contains(text, "DAYTONA_API_KEY=\"") || regexp.MustCompile(`(?m)^Environment=.*KEY`).MatchString(text) {
		t.Error("the unit has a key")
	}
	if systemdVersion(t) < 253 { // which does not know the type
		text = strings.Replace(text, "Type=notify-reload", "Type=notify", 1)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "fleet-watch.service")
	if err := os.WriteFile(unit, []byte(strings.Replace(text, "/usr/local/bin/fleet", self, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", "--man=no", unit}, {"security", "--offline=true", "--threshold=15", unit}} {
		out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
	}
}

// The image has a static program, no shell, and a user without rights.
func TestContainerfile(t *testing.T) {
	text := example(t, "Containerfile")
	f, err := dockerfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if problems := f.Check(nil); len(problems) > 0 {
		t.Error(problems)
	}
	last := len(f.Stages) - 1
	if image := f.Stages[last].Image; !strings.Contains(image, "distroless/static") {
		t.Errorf("the image is based on %s", image)
	}
	final := map[string]string{}
	for _, i := range f.Instructions {
		if i.Stage == last {
			final[i.Keyword] = strings.TrimSpace(strings.TrimPrefix(i.String(), i.Keyword))
		}
	}
	if final["USER"] != "65532:65532" || final["ENTRYPOINT"] != `["/fleet"]` || !strings.HasPrefix(final["CMD"], `["watch"`) {
		t.Errorf("user %s, entry point %s, command %s", final["USER"], final["ENTRYPOINT"], final["CMD"])
	}
	if _, runs := final["RUN"]; runs || !strings.Contains(final["LABEL"], "org.opencontainers.image.title=") {
		t.Errorf("the last stage runs %s and has the labels %s", final["RUN"], final["LABEL"])
	}
	if !strings.Contains(text, "CGO_ENABLED=0") {
		t.Error("the program is not static")
	}
}

// values returns all values of the keys in a YAML document.
func values(n *yaml.Node, key string) (list []string) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == key {
			text, _ := yaml.Marshal(c)
			list = append(list, strings.TrimSpace(string(text)))
		}
		list = append(list, values(c, key)...)
	}
	return list
}

// Neither file gives the container a privilege.
func TestManifests(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"deployment.yml": {
			"allowPrivilegeEscalation": "false", "readOnlyRootFilesystem": "true", "runAsNonRoot": "true", "runAsUser": "65532",
			"capabilities": "{drop: [ALL]}", "seccompProfile": "{type: RuntimeDefault}", "automountServiceAccountToken": "false",
			"replicas": "1", "privileged": "", "hostPath": "", "hostNetwork": "", "hostPID": "", "subPath": "", "env": "",
		},
		"compose.yml": {
			"user": `"65532:65532"`, "read_only": "true", "cap_drop": "[ALL]", "security_opt": `["no-new-privileges:true"]`,
			"privileged": "", "cap_add": "", "network_mode": "", "environment": "", "ports": "",
		},
	} {
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(example(t, name)), &document); err != nil {
			t.Fatal(err)
		}
		for key, value := range want {
			got := values(&document, key)
			if key == "read_only" {
				got = slices.Compact(got)
			}
			if text := strings.Join(got, " "); text != value {
				t.Errorf("%s: %s is %q, want %q", name, key, text, value)
			}
		}
	}
}
