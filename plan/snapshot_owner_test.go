package plan

import "testing"

// A current version is proven to be the fleet's by its content; a snapshot without a
// version is not.
func TestOwnedCurrentSnapshots(t *testing.T) {
	for text, want := range map[string]bool{content1: true, fixed1: false} {
		f := parse(t, all+text)
		for _, s := range newWorld(t, f).Snapshots(f, SnapshotOptions{}) {
			if s.Role != SnapshotCurrent || s.Owned != want {
				t.Errorf("%s: %s, owned: %t", text, s.Role, s.Owned)
			}
		}
	}
}
