package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// A row is a comparison under one title.
type row struct {
	name    string
	title   string
	runs    []contender
	targets []target
	fastest bool // compare the fastest runs instead of the medians, for runs of a fraction of a second
}

// A contender is a program that does something in a world.
type contender struct {
	name    string
	program program
	args    []string
	world   *world // nil if no server is needed
	spec    string // the content of fleet.yaml; "" for that of as many workers as the world has
	changes bool   // whether the world must be restored before each run
	warm    bool   // whether an earlier run of the same program left its notes
	codes   []int  // exit codes other than 0 that are expected
}

// A target is the largest ratio of a metric of one contender to that of another one.
type target struct {
	of     string
	metric metric
	to     string
	most   float64
	number bool // most is the value itself, not a ratio
}

// measureRow runs the contenders of a row in turn, and prints what they took.
func (b *bench) measureRow(ctx context.Context, r row) error {
	fmt.Printf("\n%s: %s\n", r.name, r.title)
	dir, err := os.MkdirTemp(b.dir, r.name+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	servers := map[*world]*server{}
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	for _, c := range r.runs {
		if c.world != nil && servers[c.world] == nil {
			if servers[c.world], err = b.startServer(ctx, c.world); err != nil {
				return err
			}
		}
		if err := b.prepare(ctx, filepath.Join(dir, c.name), c, servers[c.world]); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	samples := map[string][]sample{}
	for range b.runs {
		for _, c := range r.runs {
			s, err := b.once(ctx, filepath.Join(dir, c.name), c, servers[c.world])
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			samples[c.name] = append(samples[c.name], s)
		}
	}
	printSamples(r, samples)
	printTargets(r, samples)
	return nil
}

// prepare makes the directory of a contender, and the notes of an earlier run.
func (b *bench) prepare(ctx context.Context, dir string, c contender, s *server) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	text := c.spec
	if text == "" && c.world != nil {
		text = fmt.Sprintf(worker, max(c.world.sandboxes, 1))
	}
	if err := os.WriteFile(filepath.Join(dir, "fleet.yaml"), []byte(text), 0o600); err != nil || !c.warm {
		return err
	}
	_, err := b.once(ctx, dir, c, s)
	return err
}

// once runs a contender once.
func (b *bench) once(ctx context.Context, dir string, c contender, s *server) (sample, error) {
	state := filepath.Join(dir, "state")
	if c.warm { // the sandboxes that it wrote are gone
		state = filepath.Join(state, "fleet", "writes")
	}
	if err := os.RemoveAll(state); err != nil {
		return nil, err
	}
	env := []string{"XDG_STATE_HOME=" + filepath.Join(dir, "state"), keyVariable + "=bench"}
	if s != nil {
		env = append(env, urlVariable+"="+s.base+"/api")
		if c.changes {
			if err := b.reset(ctx, s); err != nil {
				return nil, err
			}
		}
		if _, err := s.takeRequests(ctx); err != nil {
			return nil, err
		}
	}
	result, err := b.run(ctx, dir, env, append([]string{b.programs[c.program]}, c.args...), c.codes...)
	if err != nil || s == nil {
		return result, err
	}
	n, err := s.takeRequests(ctx)
	result[requests] = float64(n)
	return result, err
}

// typical returns the value of a metric that stands for the runs of a contender.
func (r row) typical(samples []sample, m metric) float64 {
	if r.fastest {
		return least(samples, m)
	}
	return median(samples, m)
}

// usesBaseline reports whether the row needs the older build.
func (r row) usesBaseline() bool {
	return slices.ContainsFunc(r.runs, func(c contender) bool { return c.program == oldFleet })
}

// printSamples prints what the runs of each contender took.
func printSamples(r row, samples map[string][]sample) {
	for _, c := range r.runs {
		list := samples[c.name]
		fmt.Printf("  %-34s %7.3f s  %6.2f CPU s  %7.1f MB  %6.0f requests  %8.1f kB printed\n", c.name,
			r.typical(list, wall), r.typical(list, cpu), r.typical(list, memory), r.typical(list, requests), r.typical(list, output))
	}
}

// printTargets prints the ratios, and whether they meet the targets.
func printTargets(r row, samples map[string][]sample) {
	for _, t := range r.targets {
		value := r.typical(samples[t.of], t.metric)
		label := fmt.Sprintf("%s of %s", t.metric, t.of)
		if !t.number {
			value /= r.typical(samples[t.to], t.metric)
			label += " / " + t.to
		}
		verdict := "met"
		if !(value <= t.most) {
			verdict = "NOT MET"
		}
		fmt.Printf("  %-44s %8.2f  (target <= %.2f) %s\n", label, value, t.most, verdict)
	}
}
