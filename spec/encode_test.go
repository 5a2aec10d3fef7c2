package spec

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"fleet/internal/yamldoc"
)

// plainly writes a fleet with its secrets.
func plainly(t testing.TB, f *Fleet) string {
	t.Helper()
	var b bytes.Buffer
	if err := (Encoder{Secret: PlainSecret}).Encode(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// meaning returns the fleet's resources without their positions and the keys of images.
func meaning(f *Fleet) string {
	var b strings.Builder
	fmt.Fprintln(&b, f.Name, f.Owns, f.Removed)
	resources := slices.Clone(f.Resources)
	slices.SortStableFunc(resources, func(x, y *Resource) int { return strings.Compare(string(x.Kind), string(y.Kind)) })
	for _, r := range resources {
		fmt.Fprintln(&b, r.Address, r.GroupSize, r.DependsOn, r.ExternalRefs, r.Labels(f.Name, nil))
		for _, a := range Tables[r.Kind] {
			v, ok := r.attrs.lookup(a)
			if i, is := v.(Image); is && i.Dockerfile != "" {
				i.Name = ""
				v = i
			}
			if ok {
				fmt.Fprintf(&b, "  %s: %#v\n", a.Key, v)
			}
		}
	}
	return b.String()
}

// roundTrip checks that a fleet has the same meaning after it was written and read, and
// the same text when it is written again.
func roundTrip(t testing.TB, f *Fleet) {
	t.Helper()
	text := plainly(t, f)
	again, err := Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got, want := meaning(again), meaning(f); got != want {
		t.Fatalf("it means\n%s\nand no longer\n%s\nin\n%s", got, want, text)
	}
	if second := plainly(t, again); second != text {
		t.Fatalf("at the second time it is\n%s\nand not\n%s", second, text)
	}
}

func TestEncodeFull(t *testing.T) {
	f, err := Parse(sources(t, "testdata/good/full.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, f)
	golden(t, "good/full.written", plainly(t, f))
}

func TestEncodeExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		f, err := Options{}.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, f)
	}
}

// TestEncodeEveryAttribute writes both values of each attribute.
func TestEncodeEveryAttribute(t *testing.T) {
	for kind, list := range examples {
		for _, e := range list {
			for _, value := range []string{e.one, e.other} {
				with := e.with
				if with == "" && kind == SnapshotKind && e.key != "image" {
					with = anImage
				}
				text := strings.Trim(with+", "+value, ", ")
				roundTrip(t, mustParse(t, kind.Section()+": {web: {"+text+"}}"))
			}
		}
	}
}

// TestEncodeRandom writes fleets of random attributes and random texts.
func TestEncodeRandom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, err := Parse(Source{Name: "fleet.yaml", Text: []byte(randomText(rt))})
		if err != nil {
			rt.Skip(err)
		}
		roundTrip(t, f)
	})
}

// randomText returns the text of a spec, which may have contradictions.
func randomText(rt *rapid.T) string {
	var b strings.Builder
	b.WriteString("version: 1\nname: demo\nimages: {py: {debian_slim: \"3.12\"}, base: {base: \"a:1\"}}\n")
	b.WriteString("volumes: {cache: {name: the cache}, data: {}}\nsnapshots:\n  x: {name: a/b, image: py}\n  y: {image: base, entrypoint: [sh]}\nsandboxes:\n")
	for i := range rapid.IntRange(1, 4).Draw(rt, "sandboxes") {
		parts := []string{}
		for _, e := range examples[SandboxKind] {
			if rapid.IntRange(0, 4).Draw(rt, e.key) == 0 && e.with == "" && !strings.Contains(e.key, ".") {
				parts = append(parts, rapid.SampledFrom([]string{e.one, e.other}).Draw(rt, "value"))
			}
		}
		if rapid.Bool().Draw(rt, "counted") {
			parts = append(parts, fmt.Sprintf("count: %d", rapid.IntRange(0, 3).Draw(rt, "count")))
		}
		if !slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, "env_vars") }) {
			text, _ := yaml.Marshal(rapid.MapOfN(rapid.StringMatching("[A-Z_][A-Z0-9_.-]*"), rapid.String(), 0, 3).Draw(rt, "environment"))
			parts = append(parts, "env_vars: !!map "+flowed(string(text)))
		}
		fmt.Fprintf(&b, "  box%d: {%s}\n", i, strings.Join(parts, ", "))
	}
	return b.String()
}

// flowed is a mapping of YAML on one line.
func flowed(text string) string {
	var n yaml.Node
	if yaml.Unmarshal([]byte(text), &n) != nil || len(n.Content) == 0 {
		return "{}"
	}
	var parts []string
	for i := 0; i+1 < len(n.Content[0].Content); i += 2 {
		parts = append(parts, fmt.Sprintf("%s: %q", n.Content[0].Content[i].Value, n.Content[0].Content[i+1].Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// TestEncodeTexts checks that any text is read back unchanged.
func TestEncodeTexts(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		m := yamldoc.NewMapping()
		yamldoc.Put(m, "key", yamldoc.NodeOf(s))
		yamldoc.Put(m, s, yamldoc.NodeOf([]string{s}))
		text, err := yaml.Marshal(m)
		var n yaml.Node
		if err != nil || yaml.Unmarshal(text, &n) != nil {
			t.Fatalf("%q is written as\n%s", s, text)
		}
		content := n.Content[0].Content
		d := newLoader(Options{}).NewDecoder(Source{})
		for _, got := range []*yaml.Node{d.Resolve(content[1]), content[2], d.Resolve(content[3].Content[0])} {
			if got.Value != s || got.Tag != "!!str" {
				t.Fatalf("%q is read as %s %q from\n%s", s, got.Tag, got.Value, text)
			}
		}
	}
	for _, s := range []string{
		"", " ", "~", "null", "true", "on", "No", "0", "010", "0o10", "0x1f", "1_000", "1.5", ".5", "1e3", ".inf", "12:30:45", "2026-01-02", "<<", "=",
		"- a", "a: b", "a #b", "#", "*a", "&a", "!a", "%a", "@a", "`a", "{", "[", "'", `"`, "a\n", "\na", "a\n\n", " a\nb", "a\n b\n", "a \nb", "a\tb", "\ta\nb", "a\r\nb",
		"\u0085", "\u2028", "\ufeff", "a\ufeff\nb", "---", "...", "---\na", "?", "? a", "${", "$${", "${a}", "$$${a}b", "key", "\U0001f600\n", "|", ">", "a\n\tb\n",
	} {
		check(t, s)
	}
	rapid.Check(t, func(rt *rapid.T) {
		check(rt, rapid.OneOf(rapid.String(), rapid.StringMatching(`[ab \n\t:#'"-]*`)).Draw(rt, "text"))
	})
}

// TestEncodeQuotes shows how texts are written that this or another YAML parser would read
// differently without quotes.
func TestEncodeQuotes(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  web:
    labels: {a: "1", b: "on", c: "null", d: "0o10", e: plain text, f: "2026-01-02", g: "12:30", h: "1e3", i: "", "no": "~"}
    env_vars: {LINES: "a\nb\n", EDGE: "a\nb"}
`)
	var b bytes.Buffer
	if err := (Encoder{Secret: PlainSecret}).Encode(&b, f); err != nil {
		t.Fatal(err)
	}
	same(t, "text", b.String(), `version: 1
name: demo

sandboxes:
  web:
    env_vars:
      EDGE: |-
        a
        b
      LINES: |
        a
        b
    labels:
      a: "1"
      b: "on"
      c: "null"
      d: "0o10"
      e: plain text
      f: "2026-01-02"
      g: "12:30"
      h: "1e3"
      i: ""
      "no": "~"
`)
}

// TestEncodeSecrets shows how secrets are written.
func TestEncodeSecrets(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  web: {count: 2, env_vars: {TOKEN: hunter2, MODE: hunter2}, outbound_proxy_url: "http://me:hunter2@proxy"}
  none: {env_vars: {}}
`)
	for name, c := range map[string]struct {
		secret func(Address, string, string) *yaml.Node
		want   string
	}{
		"hidden": {nil, `
  web:
    count: 2
    env_vars:
      MODE: (hidden)
      TOKEN: (hidden)
    outbound_proxy_url: (hidden)
  none:
    env_vars: {}
`},
		"omitted": {func(Address, string, string) *yaml.Node { return nil }, `
  web:
    count: 2
  none:
    env_vars: {}
`},
		"referred to": {func(a Address, path, _ string) *yaml.Node { return SecretFromEnv(a.Key + "/" + path) }, `
  web:
    count: 2
    env_vars:
      MODE: {from_env: web/env_vars.MODE}
      TOKEN: {from_env: web/env_vars.TOKEN}
    outbound_proxy_url: {from_env: web/outbound_proxy_url}
  none:
    env_vars: {}
`},
	} {
		var b bytes.Buffer
		if err := (Encoder{Secret: c.secret}).Encode(&b, f); err != nil {
			t.Fatal(err)
		}
		same(t, name, b.String(), "version: 1\nname: demo\n\nsandboxes:"+c.want)
	}
	var b bytes.Buffer
	if err := f.WriteYAML(&b); err != nil || strings.Contains(b.String(), "hunter2") {
		t.Errorf("%v: %s", err, &b)
	}
}

// TestEncodeComments shows where comments are written.
func TestEncodeComments(t *testing.T) {
	f := mustParse(t, `
volumes: {v: {}}
sandboxes:
  web:
    image: "a:1"
    labels: {team: a}
    resources: {cpu: 2, memory: 4}
    volumes: [{volume: v, mount_path: /v}]
    domain_allow_list: [a.io, b.io]
`)
	var b bytes.Buffer
	err := Encoder{Header: "Two lines\nof text", Comment: func(r *Resource, a *Attribute) string {
		if a == nil {
			return "the " + r.Key
		}
		return a.Key
	}}.Encode(&b, f)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "text", b.String(), `# Two lines
# of text
version: 1
name: demo

volumes:
  v: {} # the v

sandboxes:
  web: # the web
    image: a:1 # image
    labels: # labels
      team: a
    resources:
      cpu: 2 # resources.cpu
      memory: 4 # resources.memory
    volumes: # volumes
      - {volume: v, mount_path: /v}
    domain_allow_list: # domain_allow_list
      - a.io
      - b.io
`)
	if _, err := Parse(Source{Name: "fleet.yaml", Text: b.Bytes()}); err != nil {
		t.Error(err)
	}
}

// TestEncodeCopies: copies that differ are written with their own attributes, and are read
// back as the same copies.
func TestEncodeCopies(t *testing.T) {
	f := mustParse(t, `
volumes: {data: {count: 2}}
sandboxes:
  alike: {for_each: [eu, us], name: a}
  named: {for_each: {x: one, y: two}, name: "${each.value}"}
  differ:
    for_each: {a: {stop: 5, delete: 0}, b: {stop: 6, delete: -1}, c: {stop: null, delete: 3}}
    auto_stop_interval: ${each.value.stop}
    auto_delete_interval: ${each.value.delete}
    volumes: [{volume: "data-${index}", mount_path: /data}]
    labels: {key: "${each.key}", shell: "$${HOME}"}
`)
	roundTrip(t, f)
	gap := mustParse(t, "sandboxes: {worker: {count: 3}}\n")
	gap.Resources = slices.Delete(gap.Resources, 1, 2)
	for _, r := range gap.Resources {
		r.GroupSize = 2
	}
	roundTrip(t, gap)
	same(t, "text", plainly(t, gap), `version: 1
name: demo

sandboxes:
  worker:
    for_each: ["0", "2"]
`)
}

// TestEncodeIndex: copies that only differ by their index are written as a count.
func TestEncodeIndex(t *testing.T) {
	const text = `version: 1
name: demo

sandboxes:
  worker:
    count: 12
    labels:
      fixed: $${HOME}
      shard: s-${index}
    auto_archive_interval: ${index}
`
	f := mustParse(t, strings.TrimPrefix(text, "version: 1\nname: demo\n"))
	roundTrip(t, f)
	got := plainly(t, f)
	for _, want := range []string{"count: 12\n", "shard: s-${index}\n", "fixed: $${HOME}\n", "auto_archive_interval: ${index}\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	get(t, f, "sandbox.worker[7]").attrs.set(labelsRow, map[string]string{"shard": "x"})
	roundTrip(t, f)
}

// TestEncodeGroups shows which copies are written as a count.
func TestEncodeGroups(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  worker: {count: 3, public: true, name: w}
  odd: {count: 2}
  "odd-1": {name: taken}
  one: {count: 1}
`)
	get(t, f, "sandbox.odd[1]").attrs.set(autoStopRow, 7)
	same(t, "text", plainly(t, f), `version: 1
name: demo

sandboxes:
  worker:
    name: w
    count: 3
    public: true
  odd:
    for_each:
      "0":
        auto_stop_interval: null
      "1":
        auto_stop_interval: 7
    auto_stop_interval: ${each.value.auto_stop_interval}
  odd-1:
    name: taken
  one:
    count: 1
`)
}

// TestEncodeImages shows the keys of images.
func TestEncodeImages(t *testing.T) {
	f := mustParse(t, `
images: {py: {dockerfile: "FROM a:1\nRUN x\n"}, same: {dockerfile: "FROM a:1\nRUN x"}, plain: {base: "b:1"}}
snapshots:
  s: {image: py, entrypoint: [sh]}
  t: {image: plain}
sandboxes:
  a: {image: py}
  b: {image: same}
  c: {image: plain}
`)
	live := get(t, f, "sandbox.b")
	live.attrs.set(imageRow, Image{Dockerfile: "FROM c:1\nRUN y\n"}) // as a server shows it
	same(t, "text", plainly(t, f), `version: 1
name: demo

images:
  py:
    dockerfile: |
      FROM a:1
      RUN x
      ENTRYPOINT ["sh"]
  plain:
    dockerfile: |
      FROM b:1
  py-2:
    dockerfile: |
      FROM a:1
      RUN x
  b:
    dockerfile: |
      FROM c:1
      RUN y

snapshots:
  s:
    image: py
  t:
    image: plain

sandboxes:
  a:
    image: py-2
  b:
    image: b
  c:
    image: b:1
`)
	live.attrs.set(imageRow, Image{Dockerfile: "FROM c:1\nCOPY x .\n", ContextHashes: []string{"0123"}})
	if err := f.WriteYAML(os.Stderr); err == nil || !strings.Contains(err.Error(), "sandbox.b: image: ") {
		t.Errorf("uploaded files are no part of a spec: %v", err)
	}
}

// TestEncodeHoists checks that a common region is written once.
func TestEncodeHoists(t *testing.T) {
	for text, want := range map[string]string{
		"sandboxes: {a: {target: us}, b: {target: us}}": "target: us\n\nsandboxes:\n  a: {}\n  b: {}\n",
		"sandboxes: {a: {target: us}, b: {}}":           "\nsandboxes:\n  a:\n    target: us\n  b: {}\n",
		"sandboxes: {a: {target: us}, b: {target: eu}}": "\nsandboxes:\n  a:\n    target: us\n  b:\n    target: eu\n",
	} {
		var b bytes.Buffer
		if err := (Encoder{HoistRegion: true}).Encode(&b, mustParse(t, text)); err != nil {
			t.Fatal(err)
		}
		same(t, text, b.String(), "version: 1\nname: demo\n"+want)
	}
}

// TestEncodeEnding writes the sections that do not declare resources.
func TestEncodeEnding(t *testing.T) {
	f := mustParse(t, "owns: {snapshots: [ab-*], volumes: [cd-*]}\nremoved: [volume.x]\n")
	roundTrip(t, f)
	f.Released = []Address{{SandboxKind, "y"}}
	f.Moved = []Move{{From: Address{SandboxKind, "a"}, To: Address{SandboxKind, "b"}}}
	f.FormerNames = []string{"old"}
	same(t, "text", plainly(t, f), `version: 1
name: demo

sandboxes:
  b: {count: 0}

owns:
  snapshots: [ab-*]
  volumes: [cd-*]

removed:
  - volume.x
  - {from: sandbox.y, destroy: false}

moved:
  - {from: sandbox.a, to: sandbox.b}
  - {from: fleet.old}
`)
}

func TestEncodeDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		90 * time.Second: "1m30s", time.Hour: "1h", 10 * time.Minute: "10m", 90 * time.Minute: "1h30m", time.Hour + time.Second: "1h0m1s", 500 * time.Millisecond: "500ms",
	} {
		same(t, want, duration.yamlValue(d), any(want))
	}
}

// TestEncodeImageCopies: copies of an image that copies of other resources use are written
// as images of their own, also if some are equal.
func TestEncodeImageCopies(t *testing.T) {
	for _, rest := range []string{
		"snapshots: {s: {for_each: [x, y], image: 'task[${each.key}]'}}",
		"snapshots: {s: {for_each: [x, y], image: 'task[${each.key}]', versioning: content}}\nsandboxes: {w: {for_each: [x, y], snapshot: 's[${each.key}]'}, one: {snapshot: 's[y]'}}",
		"sandboxes: {w: {for_each: {a: x, b: y}, image: 'task[${each.value}]'}, one: {image: 'task[x]'}}",
		"sandboxes: {w: {for_each: {a: lone, b: other}, image: '${each.value}'}, v: {image: lone}}",
		"sandboxes: {w: {for_each: {a: 12, b: 13}, image: 'debian:${each.value}'}}",
		"sandboxes: {w: {count: 2, image: 'number[${index}]'}}",
	} {
		roundTrip(t, mustParse(t, `
images:
  task: {for_each: [x, y], base: "a:${each.key}"}
  number: {count: 2, base: "a:${index}"}
  lone: {base: "a:1", steps: [{workdir: /y}]}
  other: {base: "a:1", steps: [{workdir: /z}]}
`+rest+"\n"))
	}
}
