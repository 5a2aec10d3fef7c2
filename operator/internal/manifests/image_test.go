package manifests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The image file copies what exists, and its user is the one of the Deployment.
func TestImageFile(t *testing.T) {
	text := string(readFile(t, filepath.Join(operatorDir, "Dockerfile")))
	user := deploymentOf(t, kustomized(t)).Spec.Template.Spec.SecurityContext
	if m := regexp.MustCompile(`(?m)^USER (\d+):(\d+)$`).FindStringSubmatch(text); m == nil || m[1] != "65532" || *user.RunAsUser != 65532 || *user.RunAsGroup != 65532 {
		t.Errorf("the user is %v, that of the Deployment %d", m, *user.RunAsUser)
	}
	copied := 0
	for _, m := range regexp.MustCompile(`(?m)^COPY ([^-].*)$`).FindAllStringSubmatch(text, -1) {
		sources := strings.Fields(m[1])
		for _, source := range sources[:len(sources)-1] {
			copied++
			if _, err := os.Stat(filepath.Join(repository, source)); err != nil {
				t.Error(err)
			}
		}
	}
	if copied < 5 {
		t.Errorf("only %d sources", copied)
	}
}
