package spec
import ("testing";"time";"strings";"fmt")
func TestZZ(t *testing.T) {
	for _, s := range []string{
		"version: 1\nname: d\nsandboxes: {a: &a {<<: [*a, *a], labels: *a}}\n",
		"a: &a [*a]\nsandboxes: *a\n",
		"version: 1\nname: demo\nsandboxes:\n  web: &web\n    <<: *web\n",
		"version: 1\nname: d\nsandboxes: &a\n  a: *a\n  b: *a\n  c: *a\n",
		"version: 1\nname: d\nsandboxes: {a: {env_vars: &a {x: *a, y: *a}}}\n",
		"version: 1\nname: d\nsandboxes: {a: {zzz: &a [*a, *a, [*a,*a]]}}\n",
	} {
		b := time.Now()
		_, err := Parse(Source{"f", []byte(s)})
		n := 0
		if err != nil { n = len(err.Error()) }
		fmt.Println(time.Since(b), n, strings.Count(fmt.Sprint(err), "\n"))
	}
	for _, n := range []int{2000, 4000, 8000, 16000} {
		x := manySandboxes(n, 0)
		b := time.Now()
		_, err := Parse(Source{"f", x})
		d := time.Since(b)
		y := []byte(strings.ReplaceAll(string(x), "interval: 30", "interval: 3h"))
		b = time.Now()
		_, err2 := Parse(Source{"f", y})
		fmt.Println(n, d, err, time.Since(b), len(err2.(Mistakes)))
	}
}
