package spec

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestLargeSpecCost requires that sandboxes that are read one after the other cost at
// most two thirds of the allocations that they cost if the file is parsed as a whole.
func TestLargeSpecCost(t *testing.T) {
	const few, more = 200, 1200
	cost := func(n int, end string) float64 {
		text := append(manySandboxes(n, 0), end...)
		return testing.AllocsPerRun(1, func() {
			if _, err := Parse(Source{Name: "fleet.yaml", Text: text}); err != nil {
				t.Fatal(err)
			}
		})
	}
	each := func(end string) float64 { return (cost(more, end) - cost(few, end)) / (more - few) }
	if got, whole := each(""), each("# &\n"); got > whole*2/3 {
		t.Errorf("a sandbox costs %.1f allocations, and %.1f if the file is parsed as a whole", got, whole)
	}
}

// TestReadingOneByOne requires that sandboxes mean the same, and have the same errors,
// if they are read one after the other and if the file is parsed as a whole.
func TestReadingOneByOne(t *testing.T) {
	specs := []string{
		"a: {snapshot: base}\nb: {snapshot: base, env_vars: {A: '1', B: null}}\nc:\n  count: 2\n  env_vars: {N: '${copy.index}'}\nd: {}",
		"a: {}\nb: {}\na: {snapshot: x}\nc: {}",
		"a: {}\nnull: {}\nb: {}",
		"a: {snapshot: null}\n-b: {}\nc_: {auto_stop_interval: -2}\nd: {auto_stop_interval: many}\ne: {}",
		"a: {extends: small}\nb: {extends: small, labels: {team: b, x: null}}\nc: {extends: small, env_vars: {A: ${var.x}}}\nd: {extends: none}\ne: {}",
		"a: {env_vars: {TOKEN: sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789}}\nb: {env_vars: {A: x}, ignore: [labels.x, none]}\nc: {}",
		"a: {image: base, entrypoint: [x], resources: {cpu: 2}}\nb: {snapshot: x, image: y}\nc: {unknown: x, ephemeral: true, auto_delete_interval: 3}\nd: {}",
		"a: {enabled: false}\nb: {linked_sandbox: a}\nc: {region: null, name: b}\nd: {name: 'c', target: us}\ne: {}",
	}
	const head = "version: 1\nname: demo\nvars: {x: {default: y}}\ntemplates: {sandboxes: {small: {labels: {team: a, x: y}, env_vars: {B: b}, volumes: []}}}\nenvironments: {prod: {sandboxes: {a: {labels: {team: z}}}}}\nsandboxes:\n"
	for i, s := range specs {
		for _, environment := range []string{"", "prod"} {
			t.Run(fmt.Sprint(i, environment), func(t *testing.T) {
				text := head + "  " + strings.ReplaceAll(s, "\n", "\n  ") + "\n"
				read := func(text string) (string, []string) {
					f, err := Options{Environment: environment}.Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
					if err != nil {
						return err.Error(), nil
					}
					var all []string
					for _, r := range f.Resources {
						all = append(all, fmt.Sprint(r.Address, r.Pos, r.Name(), r.ExternalRefs, r.DependsOn))
					}
					return fmt.Sprint(f.Warnings, f.Fingerprint()), all
				}
				message, resources := read(text)
				wholeMessage, wholeResources := read(text + "# &\n") // an anchor could be anywhere
				if message != wholeMessage || !reflect.DeepEqual(resources, wholeResources) {
					t.Errorf("one by one:\n%s\n%v\nas a whole:\n%s\n%v", message, resources, wholeMessage, wholeResources)
				}
			})
		}
	}
}
