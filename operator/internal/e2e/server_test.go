package e2e_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
)

// TestRevokedKey: a refused key stalls the object, and a new one heals it at once.
func TestRevokedKey(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.secret("daytona", "dtn_wr0ng-s3ntinel")
	r.apply("web", web(2, "a"))
	f := r.wait("web", v1alpha1.Stalled, metav1.ConditionTrue, "CredentialsRefused")
	if text := message(f, v1alpha1.Stalled); !strings.Contains(text, "spec.server.credentials") || strings.Contains(text, "s3ntinel") {
		t.Errorf("the message is %q", text)
	}
	r.secret("daytona", apiKey)
	r.ready("web")
}

// TestOutage: a server that cannot be reached degrades the object, which recovers without a user.
func TestOutage(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.control("POST", "faults", `{"kind": "status", "status": 500, "path": "/config"}`)
	r.apply("web", web(2, "a"))
	f := r.wait("web", v1alpha1.Degraded, metav1.ConditionTrue, "ServerUnreachable")
	if message(f, v1alpha1.Degraded) == "" || message(f, v1alpha1.Reconciling) == "" || message(f, v1alpha1.Stalled) != "" {
		t.Errorf("conditions %+v", f.Status.Conditions)
	}
	r.control("DELETE", "faults", "")
	r.ready("web")
}

// TestSilentServer: an object has a status before a server that accepts connections and sends
// nothing has answered.
func TestSilentServer(t *testing.T) {
	r := newRig(t, emulator.Options{})
	r.control("POST", "faults", `{"kind": "hang", "path": "/api-keys"}`)
	r.apply("web", web(1, "a"))
	f := r.wait("web", v1alpha1.Ready, metav1.ConditionFalse, "Unknown")
	if message(f, v1alpha1.Reconciling) == "" {
		t.Errorf("conditions %+v", f.Status.Conditions)
	}
	r.control("DELETE", "faults", "")
}
