package spec

import (
	"fmt"
	"strings"
	"testing"
)

const aBlock = `
    snapshot: base
    env_vars: {PORT: 80, MODE: fast}
    labels: {team: a}
    volumes: [{volume: cache, mount_path: /data}]
    auto_stop_interval: 30
`

// manySandboxes returns a spec of n blocks, each with count copies if count is not 0.
func manySandboxes(n, count int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nname: demo\nvolumes: {cache: {}}\nsnapshots: {base: {image: 'a:1'}}\nsandboxes:\n")
	for i := range n {
		fmt.Fprintf(&b, "  box%d:%s", i, aBlock)
		if count > 0 {
			fmt.Fprintf(&b, "    count: %d\n", count)
		}
	}
	return []byte(b.String())
}

func benchmarkParse(b *testing.B, text []byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		f, err := Parse(Source{"fleet.yaml", text})
		if err != nil || len(f.Resources) != 10_002 {
			b.Fatal(err, len(f.Resources))
		}
	}
}

// BenchmarkParseCounted reads 10 groups of 1000.
func BenchmarkParseCounted(b *testing.B) { benchmarkParse(b, manySandboxes(10, 1000)) }

// BenchmarkParseExplicit reads 10,000 blocks.
func BenchmarkParseExplicit(b *testing.B) { benchmarkParse(b, manySandboxes(10_000, 0)) }

// BenchmarkDiff compares 10,000 sandboxes with the objects of a list.
func BenchmarkDiff(b *testing.B) {
	f := mustParse(b, strings.TrimPrefix(string(manySandboxes(10, 1000)), "version: 1\nname: demo\n"))
	list := f.OfKind(SandboxKind)
	have := make([]Object, len(list))
	for i, r := range list {
		have[i] = created(b, r, facts("0.205.0"), false)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, r := range list {
			if len(r.Diff(have[i], facts("0.205.0"))) > 0 {
				b.Fatal("differs")
			}
		}
	}
}
