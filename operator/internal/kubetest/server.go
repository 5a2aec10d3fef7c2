package kubetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"fleet/operator/internal/kubetest/binaries"
)

// startTimeout bounds the start of the API server. It takes 4 seconds on a machine that does
// nothing else.
const startTimeout = 3 * time.Minute

// A server is an API server and its store.
type server struct {
	root  string // of the operator's module
	bin   string // the directory of the programs
	dir   string // of all files of the server; removed by stop
	admin *rest.Config
	audit auditLog

	processes []*process
}

// start starts a server with the programs in bin, and waits until it is ready. It tries again
// if another program takes a port first.
func start(root, bin string) (*server, error) {
	var errs []error
	for range 3 {
		s, err := startOnce(root, bin)
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func startOnce(root, bin string) (*server, error) {
	dir, err := os.MkdirTemp("", "kubetest-")
	if err != nil {
		return nil, err
	}
	s := &server{root: root, bin: bin, dir: dir, audit: auditLog{
		file: filepath.Join(dir, auditFile), open: map[string]Request{}, answered: map[string][]Request{},
	}}
	if err := s.run(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// run starts the programs and waits until the server is ready.
func (s *server) run() error {
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	token := rand.Text()
	if err := writeFiles(s.dir, token); err != nil {
		return err
	}
	store := "http://127.0.0.1:" + strconv.Itoa(ports[0])
	if err := s.launch(binaries.Etcd, etcdArgs(s.dir, store)); err != nil {
		return err
	}
	if err := s.launch(binaries.APIServer, apiServerArgs(s.dir, store, ports[1])); err != nil {
		return err
	}
	s.admin = &rest.Config{
		Host:            "https://127.0.0.1:" + strconv.Itoa(ports[1]),
		BearerToken:     token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(s.dir, "certs", "apiserver.crt")},
		QPS:             -1, // the server limits requests
	}
	return s.waitReady()
}

func (s *server) launch(name string, args []string) error {
	p, err := launch(filepath.Join(s.bin, name), args, filepath.Join(s.dir, name+".log"))
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	s.processes = append(s.processes, p)
	return nil
}

// waitReady waits until the server has finished its start, or a program has ended.
func (s *server) waitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = s.ready(ctx); last == nil {
			return nil
		}
		select {
		case <-s.processes[0].ended:
			return s.processes[0].failure()
		case <-s.processes[1].ended:
			return s.processes[1].failure()
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s: %w", startTimeout, last)
		case <-tick.C:
		}
	}
}

func (s *server) ready(ctx context.Context) error {
	if _, err := os.Stat(s.admin.CAFile); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(s.admin)
	if err != nil {
		return err
	}
	return client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
}

// stop ends the programs and removes their files.
func (s *server) stop() {
	for _, p := range s.processes {
		p.kill()
	}
	_ = os.RemoveAll(s.dir)
}

// freePorts returns n ports of the loopback interface that were free.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
