package schedule

import (
	"testing"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// TestPaceStart checks where the numbers of operations at once start.
func TestPaceStart(t *testing.T) {
	known := func(n int) func(plan.RequestClass) (int, bool) {
		return func(plan.RequestClass) (int, bool) { return n, true }
	}
	for name, test := range map[string]struct {
		pace        Pace
		class       plan.RequestClass
		max         int // of the spec; 0 for none
		parallelism int
		want        int
	}{
		"nothing is known":           {want: initialLimit},
		"a share of one window":      {pace: Pace{Burst: known(240)}, want: 240},
		"a low limit":                {pace: Pace{Burst: known(3)}, want: 3},
		"a high limit":               {pace: Pace{Burst: known(10_000)}, want: MaxParallelism},
		"no limit":                   {pace: Pace{Burst: known(0)}, want: MaxParallelism},
		"the maximum of the spec":    {pace: Pace{Burst: known(0)}, max: 30, want: 30},
		"the server managed fewer":   {pace: Pace{Burst: known(240), Reached: reached(plan.CreateRequests, 40)}, want: 40},
		"the limit is lower now":     {pace: Pace{Burst: known(20), Reached: reached(plan.CreateRequests, 40)}, want: 20},
		"of another class":           {pace: Pace{Burst: known(240), Reached: reached(plan.UpdateRequests, 40)}, want: 240},
		"reached, limits not known":  {pace: Pace{Reached: reached(plan.CreateRequests, 40)}, want: initialLimit},
		"builds, whatever the limit": {pace: Pace{Burst: known(240)}, class: plan.BuildRequests, want: initialLimit},
		"builds of the last run":     {pace: Pace{Burst: known(240), Reached: reached(plan.BuildRequests, 40)}, class: plan.BuildRequests, want: 40},
		"a number that is set":       {pace: Pace{Burst: known(240)}, parallelism: 7, want: 7},
	} {
		s := New(NewLimits(&plan.Plan{Parallelism: spec.Parallelism{Max: test.max}}, test.parallelism))
		s.SetPace(test.pace)
		if got := int(s.limiters[test.class].limit); got != test.want {
			t.Errorf("%s: %d at once, want %d", name, got, test.want)
		}
	}
}

func reached(class plan.RequestClass, n int) (r [plan.NumRequestClasses]int) {
	r[class] = n
	return r
}

// TestPaceLearns checks that the first answer sets the number, unless the server has
// refused a request, and which number a later run gets.
func TestPaceLearns(t *testing.T) {
	for name, test := range map[string]struct {
		refused bool
		fixed   bool
		want    int
		reached int
	}{
		"answered": {want: 100, reached: 100},
		"refused":  {refused: true, want: 6, reached: 6},
		"fixed":    {fixed: true, want: 50},
	} {
		burst, known := 0, false
		l := newLimiter(50, test.fixed)
		if !test.fixed {
			l = newLimiter(MaxParallelism, false)
		}
		l.startAt(func() (int, bool) { return burst, known })
		if n := l.reached(); n != 0 {
			t.Errorf("%s: %d reached before the first operation", name, n)
		}
		start := time.Now()
		l.acquire(start)
		l.acquire(start)
		l.release(start, Sample{Verb: plan.DoCreate, Start: start, Refused: test.refused})
		burst, known = 100, true
		l.release(start, Sample{Verb: plan.DoCreate, Start: start, Latency: time.Second})
		if got := int(l.limit); got != test.want || l.reached() != test.reached {
			t.Errorf("%s: %d at once, reached %d, want %d and %d", name, got, l.reached(), test.want, test.reached)
		}
	}
}
