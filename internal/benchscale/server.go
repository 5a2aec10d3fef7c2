package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A world is what a server has at the start, and how it behaves.
type world struct {
	sandboxes int      // of the fleet
	flags     []string // of the emulator
}

// A server is a running emulator.
type server struct {
	base    string // its address
	world   *world
	process *exec.Cmd
}

// startServer starts an emulator on its core, with a world of its own.
func (b *bench) startServer(ctx context.Context, w *world) (*server, error) {
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	s := &server{base: "http://" + address, world: w}
	return s, b.launch(ctx, s, address)
}

// launch starts the process of a server, and waits until it answers.
func (b *bench) launch(ctx context.Context, s *server, address string) error {
	command := append(b.pin(serverCore), b.programs[newFleet], "emulator", "--control", "--latency", "20ms", "--listen", address)
	command = append(command, s.world.flags...)
	if s.world.sandboxes > 0 {
		file := filepath.Join(b.dir, fmt.Sprintf("state-%d.json", s.world.sandboxes)) // servers lock theirs
		out, err := exec.CommandContext(ctx, b.programs[floor], "state", file, strconv.Itoa(s.world.sandboxes)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("writing the state: %w: %s", err, out)
		}
		command = append(command, "--state", file)
	}
	s.process = exec.CommandContext(ctx, command[0], command[1:]...)
	if err := s.process.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		_, err := s.takeRequests(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			s.stop()
			return err
		}
	}
}

func (s *server) stop() {
	_ = s.process.Process.Signal(os.Interrupt)
	_ = s.process.Wait()
}

// reset restores the world of the start.
func (b *bench) reset(ctx context.Context, s *server) error {
	if s.world.sandboxes == 0 {
		return s.control(ctx, http.MethodDelete, "state", nil)
	}
	s.stop()
	return b.launch(ctx, s, strings.TrimPrefix(s.base, "http://"))
}

// takeRequests returns the number of requests since the last call.
func (s *server) takeRequests(ctx context.Context) (int, error) {
	var log []struct{ Method string }
	if err := s.control(ctx, http.MethodGet, "log", &log); err != nil {
		return 0, err
	}
	return len(log), s.control(ctx, http.MethodDelete, "log", nil)
}

// control sends a request to the control endpoint. A nil result is not read.
func (s *server) control(ctx context.Context, method, path string, result any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.base+"/_emulator/"+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	if result == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(result)
}
