package schedule

import (
	"testing"
	"testing/synctest"
	"time"

	"fleet/plan"
)

// TestBudget goes through what a budget can meet.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimiter(100, false)
		// round is a round of operations that fill the budget and take this long.
		round := func(took time.Duration, refused int) int {
			began := time.Now()
			n := 0
			for ; b.available(); n++ {
				b.acquire(time.Now())
			}
			time.Sleep(took)
			for i := range n {
				b.release(time.Now(), Sample{plan.DoCreate, began, took, i < refused})
			}
			return n
		}
		for i, want := range []int{10, 20, 40, 80, 100, 100} {
			if n := round(time.Second, 0); n != want {
				t.Fatalf("round %d has %d operations, want %d: it doubles up to the bound", i, n, want)
			}
		}
		if n, next := round(time.Second, 30), round(time.Second, 0); n != 100 || next < 66 || next > 67 {
			t.Errorf("after refusals there are %d, want 66 or 67: less once for all of a round", next)
		}
		if n := round(time.Second, 0); n < 67 || n > 69 {
			t.Errorf("the next round has %d, want one more", n)
		}
		for range 20 {
			round(20*time.Second, 0)
		}
		if n := round(20*time.Second, 0); n != initialLimit {
			t.Errorf("of slow operations there are %d at once, want %d", n, initialLimit)
		}
		for range 20 {
			round(20*time.Second, 1000)
		}
		if n := round(20*time.Second, 1000); n != 1 {
			t.Errorf("after refusal upon refusal there are %d at once, want 1", n)
		}
		for range 30 {
			round(20*time.Second, 0)
		}
		if n := round(20*time.Second, 0); n < 5 {
			t.Errorf("when all is well again there are %d at once: it does not grow from one", n)
		}
	})
}

// TestBudgetThatIsFixed stays as it is.
func TestBudgetThatIsFixed(t *testing.T) {
	b := newLimiter(7, true)
	for range 7 {
		b.acquire(time.Now())
	}
	b.release(time.Now(), Sample{plan.DoCreate, time.Now(), time.Hour, true})
	if !b.available() || b.limit != 7 {
		t.Errorf("the limit is %v", b.limit)
	}
}

// TestUnusedBudget does not grow.
func TestUnusedBudget(t *testing.T) {
	b := newLimiter(100, false)
	for range 50 {
		began := time.Now()
		b.acquire(time.Now())
		b.release(time.Now(), Sample{plan.DoCreate, began, time.Second, false})
	}
	if b.limit != initialLimit {
		t.Errorf("the limit is %v", b.limit)
	}
}
