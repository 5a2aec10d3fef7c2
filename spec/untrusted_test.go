package spec

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestGuarded checks that no key of a spec makes fleet print the text of a file that
// is not part of a spec.
func TestGuarded(t *testing.T) {
	files := map[string]string{
		"shadow": "root:$6$s3ntinel:19000:0:99999:7:::\nbin:*:19000::::::\n", "token": "s3ntinel\n", "quoted": `"s3ntinel"`,
		"anchor": "*s3ntinel\n", "tag": "!s3ntinel!x a\n", "list": "- s3ntinel\n", "json": `{"s3ntinel": "s3ntinel"}`,
		"env": "A=s3ntinel\n", "near": "sandbox: s3ntinel\nnam: s3ntinel\n", "tab": "a:\n\ts3ntinel: b\n", "pem": "-----BEGIN-----\ns3ntinel\n",
		"unclosed": "a: [\"s3ntinel\n", "colon": "s3ntinel: a: b\n", "separator": "s3ntinel\u2028\n", "bytes": "s3ntinel\xff\n",
		"merge": "<<: s3ntinel\n", "key": "? [s3ntinel]\n: b\n", "directive": "%s3ntinel x\n", "version": "%YAML 1.9 s3ntinel\n---\na\n",
		"code": "# fleet:ignore s3ntinel\na: b # fleet:ignore s3ntinel\n", "ini": "[s3ntinel]\nkey = s3ntinel\n",
		"second": "name: demo\n---\ns3ntinel: s3ntinel\n", "common": "name: S3ntinel\ns3ntinel: 1\n", "twice": "s3ntinel: a\ns3ntinel: b\n",
	}
	const head = "version: 1\nname: demo\n"
	for name, text := range files {
		for _, how := range []string{
			"include: FILE", "include: [FILE]", "environments: {e: FILE}", "sandboxes: {web: {language: {from_file: FILE}}}",
			"sandboxes: {web: {env_vars: {A: {from_file: FILE, key: a.b}}}}", "sandboxes: {web: {auto_stop_interval: {from_file: FILE}}}",
			"images: {i: {dockerfile: FILE}}", "images: {i: {dockerfile: {from_file: FILE}}}", "images: {i: {from_dockerfile: FILE}}",
			"images: {i: {base: 'a:1', steps: [{pip_install_from_requirements: FILE}]}}", "images: {i: {base: 'a:1', steps: [{pip_install_from_pyproject: FILE}]}}",
			"images: {i: {base: {from_file: FILE}}}", "images: {i: {base: 'a:1', steps: [{run_commands: [{from_file: FILE}, [{from_file: FILE}]]}]}}",
		} {
			dir := folder(t, map[string]string{"fleet.yaml": head + strings.ReplaceAll(how, "FILE", "f"), "f": text})
			o := Options{}
			if strings.HasPrefix(how, "environments") {
				o.Environment = "e"
			}
			f, err := o.Load(filepath.Join(dir, "fleet.yaml"))
			var shown string
			if err != nil {
				shown = err.Error()
			} else {
				shown = f.Warnings.Error()
			}
			if strings.Contains(strings.ToLower(strings.ReplaceAll(shown, dir, "")), "s3ntinel") || strings.Contains(how, "include") && err == nil {
				t.Errorf("%s, %s: %s", name, how, shown)
			}
		}
	}
}
