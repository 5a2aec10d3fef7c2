package spec

import (
	"path/filepath"
	"testing"

	"fleet/internal/decode"
)

// TestFileForms checks that a value is the same in all forms of its file, and that an
// object created from any of them matches, by fingerprint and by value.
func TestFileForms(t *testing.T) {
	const spec = "version: 1\nname: demo\nsandboxes: {web: {env_vars: {A: {from_file: a}, B: {from_file: b}}}}\n"
	for form, file := range map[string]string{
		"LF": "one\ntwo\n\n", "CRLF": "one\r\ntwo\r\n\r\n",
		"mark": "\ufeffone\ntwo\n\n", "mark and CRLF": "\ufeffone\r\ntwo\r\n\r\n", "both": "one\ntwo\r\n\r\n",
	} {
		dir := folder(t, map[string]string{"fleet.yaml": spec, "a": file, "b": "plain"})
		f, err := Options{}.Load(filepath.Join(dir, "fleet.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		r := f.Resources[0]
		same(t, form, r.attrs.get(sandboxTable.find("env_vars")), any(map[string]string{"A": "one\ntwo\n", "B": "plain"}))
		raw, err := decode.SingleText([]byte(file))
		check(t, err)
		earlier := attributes{{nameRow, "web"}, {sandboxTable.find("env_vars"), map[string]string{"A": raw, "B": "plain"}}}
		labels := map[string]string{FleetLabel: "demo", FingerprintLabel: seal(nil, earlier)}
		if !r.FingerprintComplete(Object{Labels: labels}) {
			t.Errorf("%s: the seal of earlier versions does not count", form)
		}
		for seal, labels := range map[string]map[string]string{"sealed": labels, "not sealed": nil} {
			have := Object{Attrs: Attrs{set: earlier}, Labels: labels, FullyRead: true}
			same(t, form+", "+seal, keysOf(r.Diff(have, Facts{})), nil)
		}
		other := Object{Attrs: Attrs{set: attributes{{nameRow, "web"}, {sandboxTable.find("env_vars"), map[string]string{"A": raw, "B": "plain\r\n"}}}}, FullyRead: true}
		same(t, form+", another value", keysOf(r.Diff(other, Facts{})), []string{"env_vars"})
	}
}

// TestCommandForms checks that only the byte order mark is removed from the output of
// a command.
func TestCommandForms(t *testing.T) {
	runs := 0
	o := Options{Run: func([]string) ([]byte, error) { runs++; return []byte("\ufeffone\r\ntwo\r\n"), nil }}
	f, err := o.Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes: {web: {env_vars: {A: {from_command: [x]}}}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	r := f.Resources[0]
	same(t, "value", r.attrs.get(sandboxTable.find("env_vars")), any(map[string]string{"A": "one\r\ntwo"}))
	same(t, "runs", runs, 1)
	have := Object{Attrs: Attrs{set: attributes{{nameRow, "web"}, {sandboxTable.find("env_vars"), map[string]string{"A": "\ufeffone\r\ntwo"}}}}, FullyRead: true}
	same(t, "diff", keysOf(r.Diff(have, Facts{})), nil)
}

// TestInlineForms checks that inline values are taken literally.
func TestInlineForms(t *testing.T) {
	r := sandbox(t, `env_vars: {A: "one\ntwo"}`)
	have := Object{Attrs: Attrs{set: attributes{{nameRow, "web"}, {sandboxTable.find("env_vars"), map[string]string{"A": "one\r\ntwo"}}}}, FullyRead: true}
	same(t, "diff", keysOf(r.Diff(have, Facts{})), []string{"env_vars"})
}

// TestDockerfileAsBuilt: what Docker does not distinguish is the same image.
func TestDockerfileAsBuilt(t *testing.T) {
	for have, want := range map[string]bool{
		"FROM a:1\nRUN b\n": true, "FROM a:1\r\nRUN b\r\n": true, "\ufeffFROM a:1\nRUN b": true, "\ufeffFROM a:1\r\nRUN b\r": true,
		"FROM a:1\r\r\nRUN b\n\n": true, "FROM a:1\nRUN b\rc\n": false, "FROM a:1\nRUN \ufeffb\n": false, "FROM a:1\nRUN c\n": false,
		"FROM a:1\nRUN 'b'\n": true, "FROM a:1\r\nRUN \\b\r\n": true, "FROM a:1\nRUN 'b c'\n": false, "": false,
	} {
		got := imageValue.Same(Image{Dockerfile: "FROM a:1\nRUN b\n"}, Image{Dockerfile: have})
		if got != want {
			t.Errorf("%q is the same: %t, want %t", have, got, want)
		}
	}
	with := func(text string, hashes ...string) Image { return Image{Dockerfile: text, ContextHashes: hashes} }
	quoted, plain := "FROM a:1\nCOPY 'b' c\n", "FROM a:1\nCOPY b c\n"
	if !imageValue.Same(with(quoted, "1", "2"), with(plain, "2", "1")) || imageValue.Same(with(quoted, "1"), with(plain, "2")) || imageValue.Same(with(quoted, "1"), with(plain)) {
		t.Error("local files are part of the image, in any order")
	}
	document := "FROM a:1\nRUN <<END\nb\nEND\n"
	if imageValue.Same(Image{Dockerfile: document}, Image{Dockerfile: string(decode.WithCRLF([]byte(document)))}) {
		t.Error("the lines of a document in a Dockerfile are part of the image")
	}
}
