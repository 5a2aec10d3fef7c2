package manifests

import (
	"testing"

	"fleet/operator/internal/kubetest"
)

func TestMain(m *testing.M) { kubetest.Main(m) }
