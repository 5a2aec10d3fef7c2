package source

import (
	"errors"
	"strings"
	"testing"

	"fleet/operator/api/v1alpha1"
)

// TestConfigMapLikeField: a ConfigMap with the name of the inline spec's file is a mistake of
// the user if there is an inline spec, too.
func TestConfigMapLikeField(t *testing.T) {
	r := &shelf{secret: map[string]string{"apiKey": "k"}, configMap: map[string]string{"fleet.yaml": plainSpec}}
	f := fleetOf(`{"version": 1}`)
	f.Spec.FleetFrom = []v1alpha1.FleetSource{{ConfigMap: InlineFile}}
	_, err := load(t, r, f)
	p := (*Problem)(nil)
	if !errors.As(err, &p) || p.Reason != v1alpha1.ReasonInvalidSpec || !strings.Contains(p.Message, "rename the ConfigMap") {
		t.Errorf("the error is %v", err)
	}
	f.Spec.Fleet = nil
	if _, err := load(t, r, f); err != nil {
		t.Errorf("the error without an inline spec is %v", err)
	}
}
