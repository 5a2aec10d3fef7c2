package cli

import (
	"os"
	"testing"

	"fleet/internal/render/ci"
)

// The environment of a job names its checkout, and the service that runs the job.
func TestWorkspace(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		environment map[string]string
		want        ci.Workspace
	}{
		"no job":  {nil, ci.Workspace{Dir: dir}},
		"GitHub":  {map[string]string{"GITHUB_WORKSPACE": "/a"}, ci.Workspace{Root: "/a", Dir: dir}},
		"GitLab":  {map[string]string{"CI_PROJECT_DIR": "/b"}, ci.Workspace{Root: "/b", Dir: dir}},
		"Jenkins": {map[string]string{"JENKINS_URL": "https://ci.example/"}, ci.Workspace{Dir: dir, Jenkins: true}},
	} {
		a := newApp(Process{Lookup: func(key string) (string, bool) { v, ok := test.environment[key]; return v, ok }})
		t.Cleanup(a.interrupt.Close)
		if got := a.workspace(); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
