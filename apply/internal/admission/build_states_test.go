package admission

import (
	"slices"
	"testing"
)

// TestBuildStates follows one content through each of its states.
func TestBuildStates(t *testing.T) {
	join := func() *Builds {
		b := NewBuilds()
		for _, id := range []TaskID{1, 2, 3} {
			b.Join("content", id)
		}
		return b
	}
	check := func(b *Builds, state string, id TaskID, waits, first bool) {
		t.Helper()
		builder, got := b.Waits(id)
		if got != waits || got && builder != 1 || !got && builder != 0 {
			t.Errorf("%s: %d waits for %d: %v", state, id, builder, got)
		}
		if got := b.BuildsFirst(id); got != first {
			t.Errorf("%s: %d builds first: %v", state, id, got)
		}
	}

	b := join()
	check(b, "ready", 1, false, false)
	check(b, "another content", 9, false, true)
	if !b.Start(1) || b.Start(2) || !b.Start(9) {
		t.Fatal("the first one starts, and the second one waits")
	}
	check(b, "building", 1, false, true)
	check(b, "building", 2, true, false)
	if r := b.Withdraw(2); len(r) > 0 {
		t.Errorf("the withdrawal of one that waits releases %v", r)
	}
	if r := b.Built(9); len(r) > 0 || len(b.Withdraw(9)) > 0 {
		t.Error("another content releases tasks")
	}
	if r := b.Built(1); !slices.Equal(r, []TaskID{2}) {
		t.Errorf("built: %v are released", r)
	}
	check(b, "built", 1, false, false)
	check(b, "built", 3, false, false)
	if !b.Start(2) || !b.Start(3) || len(b.Built(2)) > 0 {
		t.Error("all start once it was built")
	}
	check(b, "started", 3, false, false)
	if skip, release := b.End(2, true); len(skip) > 0 || len(release) > 0 {
		t.Errorf("a failure after the build: %v, %v", skip, release)
	}

	b = join()
	b.Start(1)
	b.Start(2)
	if skip, release := b.End(1, true); !slices.Equal(skip, []TaskID{2, 3}) || len(release) > 0 {
		t.Errorf("the build failed: skip %v, release %v", skip, release)
	}
	check(b, "failed", 1, false, false)
	check(b, "failed", 2, false, false)
	if skip, release := b.End(2, false); len(skip) > 0 || len(release) > 0 {
		t.Errorf("a skipped task: skip %v, release %v", skip, release)
	}

	b = join()
	b.Start(1)
	b.Start(2)
	if r := b.Withdraw(1); !slices.Equal(r, []TaskID{2}) || !b.Start(2) {
		t.Errorf("withdrawn: %v are released", r)
	}
	if r := b.Withdraw(1); len(r) > 0 {
		t.Errorf("withdrawn again: %v are released", r)
	}
}
