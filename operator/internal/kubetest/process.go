package kubetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// A process is a program that runs until it is killed.
type process struct {
	cmd   *exec.Cmd
	log   string        // the file of its output
	ended chan struct{} // closed when it has ended; err is valid then
	err   error
}

// launch starts a program with its output in the file log.
func launch(path string, args []string, log string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(context.Background(), path, args...), log: log, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = endWithParent()
	started := make(chan error, 1)
	go func() {
		// The program ends with the thread that started it, so that the thread stays.
		runtime.LockOSThread()
		defer close(p.ended)
		defer out.Close()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
		}
	}()
	return p, <-started
}

// kill ends the program and waits until it has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// failure returns an error for a program that ended too soon, with the end of its output.
func (p *process) failure() error {
	text, _ := os.ReadFile(p.log)
	const limit = 2000
	if len(text) > limit {
		text = text[len(text)-limit:]
	}
	return fmt.Errorf("%s ended: %w\n%s", filepath.Base(p.cmd.Path), p.err, bytes.TrimSpace(text))
}
