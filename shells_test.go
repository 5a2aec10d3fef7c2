//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"fleet/internal/tooltest"
)

// shells are the interactive shells that complete, with the files that a user has in HOME
// for that. fish needs none.
var shells = map[string]struct {
	args    []string
	startup map[string]string
}{
	"bash": {[]string{"--noprofile"}, map[string]string{".bashrc": ". /usr/share/bash-completion/bash_completion\nPS1='READY> '\n"}},
	"zsh": {[]string{"-d"}, map[string]string{".zshrc": "fpath=(~/.local/share/zsh/site-functions $fpath)\nautoload -Uz compinit && compinit -u\n" +
		"bindkey -e\nPS1='READY> '\nunsetopt PROMPT_SP\n"}},
	"fish": {nil, map[string]string{".config/fish/config.fish": "set -g fish_greeting\nfunction fish_prompt; echo -n 'READY> '; end\n"}},
}

// typedLines are lines as a user types them before Tab, and what the shell makes of them.
var typedLines = []struct{ typed, want string }{
	{"fleet val", "fleet validate"},
	{"fleet plan -e pr", "fleet plan -e prod"},
	{"fleet plan --target sandbox.wo", "fleet plan --target sandbox.worker"},
	{"fleet plan --target=sandbox.we", "fleet plan --target=sandbox.web"},
	{"fleet destroy --exclude sandbox.wo", "fleet destroy --exclude sandbox.worker"},
	{"fleet status --target sandbox.we", "fleet status --target sandbox.web"},
	{"fleet apply --replace @add", "fleet apply --replace @addresses.txt"},
	{"fleet adopt we", "fleet adopt web"},
	{"fleet plan --region a", "fleet plan --region asia"},
	{"fleet plan --var si", "fleet plan --var size="},
	{"fleet plan --out mermaid=pl", "fleet plan --out mermaid=plan.mmd"},
}

const shellSpec = `version: 1
name: demo
environments: {dev: {}, prod: {}}
vars: {size: 1, tag: a}
sandboxes:
  web: {snapshot: daytona-small, target: asia}
  worker: {count: 3, snapshot: daytona-small}
`

// TestShells installs fleet for a user, and completes lines in the shells of that user.
func TestShells(t *testing.T) {
	home := t.TempDir()
	for _, tool := range []string{"make", "install"} {
		tooltest.Path(t, tool)
	}
	install := exec.CommandContext(t.Context(), "make", "install", "BIN="+filepath.Join(t.TempDir(), "fleet"))
	install.Env = append(os.Environ(), "HOME="+home, "GOFLAGS=-buildvcs=false", "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"))
	out, err := install.CombinedOutput()
	bin := filepath.Join(home, ".local", "bin")
	if err != nil || !strings.Contains(string(out), "Not in your PATH: "+bin) {
		t.Fatalf("%v\n%s", err, out)
	}
	checkVersion(t, filepath.Join(bin, "fleet"))
	checkInstalled(t, home)
	for name, shell := range shells {
		t.Run(name, func(t *testing.T) {
			program := tooltest.Path(t, name)
			for file, text := range shell.startup {
				writeIn(t, home, file, text)
			}
			s := startShell(t, home, bin, program, shell.args)
			for _, line := range typedLines {
				if got := s.complete(line.typed); got != line.want {
					t.Errorf("%s<Tab> is %q, want %q", line.typed, got, line.want)
				}
			}
		})
	}
}

// goEnv returns a setting of Go, which may depend on HOME.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// checkInstalled fails unless home has what make install should write, and nothing else.
func checkInstalled(t *testing.T, home string) {
	t.Helper()
	want := "bin/fleet share/bash-completion/completions/fleet share/fish/vendor_completions.d/fleet.fish share/zsh/site-functions/_fleet"
	var files []string
	prefix := filepath.Join(home, ".local")
	err := filepath.WalkDir(prefix, func(file string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, relErr := filepath.Rel(prefix, file)
			files, err = append(files, name), relErr
		}
		return err
	})
	if got := strings.Join(files, " "); err != nil || got != want {
		t.Errorf("installed: %s, %v", got, err)
	}
}

// writeIn writes a file below a directory.
func writeIn(t *testing.T, dir, file, text string) {
	t.Helper()
	path := filepath.Join(dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// An interactive is a shell on a terminal.
type interactive struct {
	t        *testing.T
	terminal *os.File
	printed  bytes.Buffer
}

// startShell starts a shell in a directory with a spec, and waits for its prompt.
func startShell(t *testing.T, home, bin, program string, args []string) *interactive {
	t.Helper()
	dir := t.TempDir()
	writeIn(t, dir, "fleet.yaml", shellSpec)
	writeIn(t, dir, "plan.mmd", "")
	writeIn(t, dir, "addresses.txt", "")
	cmd := exec.CommandContext(t.Context(), program, append(args, "-i")...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + home, "PATH=" + bin + ":" + os.Getenv("PATH"), "TERM=xterm", "LANG=C.UTF-8"}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	s := &interactive{t: t, terminal: terminal}
	expired := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }) // which ends await
	t.Cleanup(func() {
		expired.Stop()
		_ = cmd.Process.Kill()
		_ = terminal.Close()
		_ = cmd.Wait() // killed
	})
	s.await(regexp.MustCompile(`READY> `))
	return s
}

// await reads until the shell prints a match after those of earlier calls, and returns its
// last group.
func (s *interactive) await(pattern *regexp.Regexp) string {
	s.t.Helper()
	block := make([]byte, 4096)
	for {
		if m := pattern.FindSubmatchIndex(s.printed.Bytes()); m != nil {
			last := string(s.printed.Bytes()[m[len(m)-2]:m[len(m)-1]])
			s.printed.Next(m[1])
			return last
		}
		n, err := s.terminal.Read(block)
		s.printed.Write(block[:n])
		if err != nil {
			s.t.Fatalf("no %s in %q: %v", pattern, s.printed.Bytes(), err)
		}
	}
}

// result matches what complete makes the shell print, and its next prompt.
var result = regexp.MustCompile(`(?s)RESULT: ([^\r\n]*)\r?\n.*?READY> `)

// complete types a line and Tab, and returns the line that the shell completes. It types a
// command before the line, which prints it. What the terminal echoes differs in its quotes.
func (s *interactive) complete(typed string) string {
	s.t.Helper()
	if _, err := s.terminal.WriteString(typed + "\t\x01echo RES''ULT: \x05\r"); err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(s.await(result))
}
