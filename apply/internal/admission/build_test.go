package admission

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// newBuildsOf returns builds of one content with members 0 to n-1.
func newBuildsOf(n int) *Builds {
	bs := NewBuilds()
	for id := range TaskID(n) {
		bs.Join("a", id)
	}
	return bs
}

// starting returns which of the tasks may start, and makes the others wait.
func starting(bs *Builds, ids ...TaskID) []TaskID {
	return slices.DeleteFunc(ids, func(id TaskID) bool { return !bs.Start(id) })
}

func sameTasks(t *testing.T, what string, got []TaskID, want ...TaskID) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestBuilds checks that one task builds at a time, and the others follow.
func TestBuilds(t *testing.T) {
	bs := newBuildsOf(4)
	bs.Join("b", 9)
	sameTasks(t, "at first", starting(bs, 0, 1, 2, 9, 10), 0, 9, 10)
	if builder, waits := bs.Waits(3); builder != 0 || !waits {
		t.Errorf("3 waits for %d: %t", builder, waits)
	}
	sameTasks(t, "once it is built", bs.Built(0), 1, 2)
	sameTasks(t, "once more", bs.Built(0))
	sameTasks(t, "afterwards", starting(bs, 1, 2, 3), 1, 2, 3)
}

// TestBuildsEnd checks what follows the end of the builder.
func TestBuildsEnd(t *testing.T) {
	bs := newBuildsOf(4)
	starting(bs, 0, 1, 2)
	skip, release := bs.End(0, false) // for a reason of its own
	sameTasks(t, "skipped", skip)
	sameTasks(t, "released", release, 1, 2)
	sameTasks(t, "the next one", starting(bs, release...), 1)
	sameTasks(t, "one that withdraws", bs.Withdraw(1), 2)
	sameTasks(t, "one that does not build", bs.Withdraw(3))
	sameTasks(t, "again", starting(bs, 2, 1), 2)
	skip, release = bs.End(2, true)
	sameTasks(t, "skipped after a failure", skip, 1, 3)
	sameTasks(t, "released after a failure", release)

	built := newBuildsOf(2)
	starting(built, 0)
	built.Built(0)
	if skip, _ := built.End(1, true); skip != nil {
		t.Errorf("after a success, %v is skipped", skip)
	}
	if skip, release := built.End(7, true); skip != nil || release != nil {
		t.Errorf("a task that builds nothing: %v, %v", skip, release)
	}
}

// TestBuildsNeverStall checks for any order of events that no task waits without a
// builder, and that there is never more than one.
func TestBuildsNeverStall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		bs := newBuildsOf(n)
		started, held, ended := map[TaskID]bool{}, map[TaskID]bool{}, map[TaskID]bool{}
		built := false
		start := func(ids ...TaskID) {
			for _, id := range ids {
				if delete(held, id); ended[id] {
					continue
				}
				if bs.Start(id) {
					started[id] = true
				} else {
					held[id] = true
				}
			}
		}
		end := func(id TaskID, failed bool) {
			delete(started, id)
			delete(held, id)
			ended[id] = true
			skip, release := bs.End(id, failed)
			for _, other := range skip {
				delete(held, other)
				ended[other] = true
				bs.End(other, false)
			}
			start(release...)
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			id := TaskID(rapid.IntRange(0, n-1).Draw(t, "task"))
			switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
			case ended[id]:
			case !started[id] && !held[id]:
				start(id)
			case started[id] && what == 1:
				built = true
				start(bs.Built(id)...)
			case started[id] && what == 2:
				end(id, !built)
			case started[id] && what == 3 && !built:
				delete(started, id)
				start(bs.Withdraw(id)...)
			default:
				end(id, false)
			}
			if !built && len(started) > 1 || len(held) > 0 && len(started) == 0 {
				t.Fatal(fmt.Sprint("started ", started, ", waiting ", held, ", built ", built))
			}
		}
	})
}
