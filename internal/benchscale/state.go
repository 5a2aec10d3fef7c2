package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"fleet/spec"
)

// worker is the spec of n sandboxes that nothing changes but fleet.
const worker = "version: 1\nname: bench\nsandboxes:\n  worker:\n    count: %d\n    auto_stop_interval: 0\n"

// writeState writes the state of an emulator in which the sandboxes of a fleet exist.
// Its arguments are the file and their number.
func writeState(args []string) error {
	if len(args) != 2 {
		return errors.New("a file and a number are needed")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: fmt.Appendf(nil, worker, n)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(args[0], os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(out, `{"daytona-emulator-state":1}`)
	for i, r := range fleet.OfKind(spec.SandboxKind) {
		if err := writeSandbox(out, i, r); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(out.Flush(), f.Close())
}

// writeSandbox writes the record of a started sandbox with the labels that fleet gives it.
func writeSandbox(out io.Writer, i int, r *spec.Resource) error {
	id := uuid.NewString()
	created := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Millisecond)
	const runner = "6e2a809d-96cb-40f1-b35c-f83d314064de"
	return json.NewEncoder(out).Encode(map[string]any{"kind": "sandbox", "id": id, "value": map[string]any{
		"id": id, "organizationId": "a22ecc30-89fd-4307-92b2-c896f2ea1f8b", "name": r.Name(), "labels": r.Labels("bench", nil),
		"target": "us", "snapshot": "daytonaio/sandbox:0.5.0-slim", "user": "daytona", "env": map[string]any{}, "volumes": []any{},
		"cpu": 1, "memory": 1, "disk": 3, "state": "started", "desiredState": "started", "backupState": "None",
		"autoStopInterval": 0, "autoArchiveInterval": 10080, "autoDeleteInterval": -1, "sandboxClass": "container",
		"createdAt": created, "updatedAt": created, "lastActivityAt": created, "daemonVersion": "v0.190.0", "runnerId": runner,
		"authToken": "token",
	}})
}
