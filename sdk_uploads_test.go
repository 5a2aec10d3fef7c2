package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fleet/internal/nodetest"
)

// uploadDifferences are the differences between the uploads of the TypeScript SDK and
// those of fleet, with the reason for each.
var uploadDifferences = map[string]string{
	"hash: SHA-256 instead of MD5":     "the MD5 of the SDK overlooks modes and links, and depends on the order in which the file system lists a directory",
	"directory: left out":              "the runner takes files only",
	"link: the content of its target":  "the runner makes an empty file of a link",
	"link to a directory: its files":   "the runner makes an empty file of a link",
	"file: left out by .dockerignore":  "the SDK does not read the ignore file",
	"mode: 0644 or 0755":               "the SDK keeps most rights, so that the same files of two people with different umasks are two builds",
	"time: none":                       "the runner ignores times, and the same files should be the same bytes",
	"order: by name":                   "the same files should be the same bytes",
	"Dockerfile: paths are normalized": "as in the Python SDK",
	"Dockerfile: JSON for paths":       "a blank in a path of COPY separates two paths",
	"image: built for each":            "the hash of local files is a part of the reference of an image",
}

// uploadFiles are the local files of the test. Directories end in a slash, and values
// that begin with an arrow are links.
var uploadFiles = map[string]string{
	"app/main.py": "print('hello')\n", "app/z.txt": "z", "app/Z.txt": "Z", "app/sub/deep/x.txt": "x", "app/empty/": "",
	"app/with blanks/a b.txt": "blanks", "app/.hidden": "hidden", "app/link.py": "-> main.py", "app/linked": "-> sub",
	"app/" + strings.Repeat("long/", 30) + "name.txt": "long", "app/ä.txt": "umlaut", "app/big.bin": strings.Repeat("0123456789abcdef", 1<<16),
	"app/debug.log": "log", ".dockerignore": "**/*.log\n", "my file.txt": "mine", "empty.txt": "", "requirements.txt": "numpy\n",
	"docker/Dockerfile": "FROM debian:12.9\nCOPY src /src\nCOPY one.txt two.txt /\n", "docker/src/a.c": "int a;\n", "docker/one.txt": "1", "docker/two.txt": "2",
}

// uploadModes are the modes of files other than 0644.
var uploadModes = map[string]os.FileMode{"app/main.py": 0o755, "app/z.txt": 0o400, "app/sub/deep/x.txt": 0o666, "empty.txt": 0o600}

// An uploadCase is an image for both builders. Both send the same files unless there is
// a reason.
type uploadCase struct {
	calls []any
	yaml  string
}

func sdkCall(method string, args ...any) any {
	return map[string]any{"method": method, "args": args}
}

var uploadCases = map[string]uploadCase{
	"nothing":      {[]any{sdkCall("base", "a:1"), sdkCall("pipInstall", []string{"numpy"})}, "{base: 'a:1', steps: [{pip_install: numpy}]}"},
	"file":         {[]any{sdkCall("base", "a:1"), sdkCall("addLocalFile", "app/main.py", "/main.py")}, "{base: 'a:1', steps: [{add_local_file: {local_path: app/main.py, remote_path: /main.py}}]}"},
	"empty":        {[]any{sdkCall("base", "a:1"), sdkCall("addLocalFile", "empty.txt", "/e/")}, "{base: 'a:1', steps: [{add_local_file: {local_path: empty.txt, remote_path: /e/}}]}"},
	"blanks":       {[]any{sdkCall("base", "a:1"), sdkCall("addLocalFile", "my file.txt", "/m")}, "{base: 'a:1', steps: [{add_local_file: {local_path: my file.txt, remote_path: /m}}]}"},
	"link":         {[]any{sdkCall("base", "a:1"), sdkCall("addLocalFile", "app/link.py", "/l")}, "{base: 'a:1', steps: [{add_local_file: {local_path: app/link.py, remote_path: /l}}]}"},
	"directory":    {[]any{sdkCall("base", "a:1"), sdkCall("addLocalDir", "app", "/app")}, "{base: 'a:1', steps: [{add_local_dir: {local_path: app, remote_path: /app}}]}"},
	"nested":       {[]any{sdkCall("base", "a:1"), sdkCall("addLocalDir", "./app/sub", "/sub")}, "{base: 'a:1', steps: [{add_local_dir: {local_path: ./app/sub, remote_path: /sub}}]}"},
	"requirements": {[]any{sdkCall("base", "a:1"), sdkCall("pipInstallFromRequirements", "requirements.txt")}, "{base: 'a:1', steps: [{pip_install_from_requirements: requirements.txt}]}"},
	"two":          {[]any{sdkCall("base", "a:1"), sdkCall("addLocalFile", "empty.txt", "/e"), sdkCall("addLocalDir", "app/sub", "/s")}, "{base: 'a:1', steps: [{add_local_file: {local_path: empty.txt, remote_path: /e}}, {add_local_dir: {local_path: app/sub, remote_path: /s}}]}"},
	"dockerfile":   {[]any{sdkCall("fromDockerfile", "docker/Dockerfile")}, "{dockerfile: ./docker/Dockerfile}"},
}

// TestUploadsOfSDK compares the local files that Daytona's TypeScript SDK uploads for
// images with those that fleet uploads: the objects have the same form of path, and all
// differences between their archives have a reason in the table above.
func TestUploadsOfSDK(t *testing.T) {
	if testing.Short() {
		t.Skip("short tests do without node")
	}
	const packages = "internal/image/testdata/sdk"
	modules, err := filepath.Abs(nodetest.Modules(t, packages))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(packages, "upload.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := newUploadSite(t), newUploadSite(t)
	theirs.write(t, "upload.mjs", string(script))
	if err := os.Symlink(modules, filepath.Join(theirs.dir, "node_modules")); err != nil {
		t.Skipf("there are no symbolic links: %v", err)
	}
	calls, snapshots := map[string]any{}, ""
	spec := "version: 1\nname: uploads\nimages:\n"
	for _, name := range slices.Sorted(maps.Keys(uploadCases)) {
		calls[name] = uploadCases[name].calls
		spec += "  " + name + ": " + uploadCases[name].yaml + "\n"
		snapshots += "  " + name + ": {image: " + name + "}\n"
	}
	ours.write(t, "fleet.yaml", spec+"snapshots:\n"+snapshots)
	input, err := json.Marshal(calls)
	if err != nil {
		t.Fatal(err)
	}
	if failed := theirs.run(t, string(input), "node", "upload.mjs"); failed != `["blanks"]` {
		t.Errorf("the builds of the SDK that failed are %s", failed)
	}
	ours.run(t, "", "fleet", "apply", "--yes")

	found := map[string]int{}
	for name := range uploadCases {
		dir := ours.dir
		if name == "dockerfile" { // its local files are relative to it
			dir = filepath.Join(dir, "docker")
		}
		for _, d := range compareUploads(t, name, dir, theirs.upload(t, name), ours.upload(t, name)) {
			found[d]++
		}
	}
	t.Log(found)
	if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(uploadDifferences)); !slices.Equal(got, want) {
		t.Errorf("found    %q\nexplains %q", got, want)
	}
}

// TestUploadDifferencesAreDocumented: the document lists every difference with its reason.
func TestUploadDifferencesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("docs", "images.md"))
	if err != nil {
		t.Fatal(err)
	}
	for class, reason := range uploadDifferences {
		part, difference, _ := strings.Cut(class, ": ")
		if row := "| " + part + " | " + difference + " | " + reason + " |\n"; !strings.Contains(string(text), row) {
			t.Errorf("docs/images.md lacks\n%s", row)
		}
	}
}
