package client_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"fleet/client"
	"fleet/daytonatest"
)

// Create a sandbox, run a command in it, and delete it. An error of the API has a
// class, by which a program decides what to do next.
func Example() {
	c, stop := connect()
	defer stop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	sandbox, err := c.CreateSandbox(ctx, map[string]any{"name": "worker", "labels": map[string]string{"team": "search"}})
	if err != nil {
		log.Fatal(err)
	}
	result, err := c.Exec(ctx, sandbox.ID, client.Command{Line: "echo hello", Timeout: 10 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("exit code %d: %s", result.ExitCode, result.Output)

	if _, err := c.DeleteSandbox(ctx, sandbox.ID); err != nil {
		log.Fatal(err)
	}
	_, err = c.Sandbox(ctx, "worker")
	fmt.Println(client.ErrorClassOf(err))
	// Output:
	// exit code 0: hello
	// not found
}

// List sandboxes by their labels. The list reads pages as it is iterated over.
func ExampleClient_Sandboxes() {
	c, stop := connect()
	defer stop()

	ctx := context.Background()
	for _, name := range []string{"worker-1", "worker-2", "other"} {
		labels := map[string]string{"role": strings.TrimRight(name, "-0123456789")}
		if _, err := c.CreateSandbox(ctx, map[string]any{"name": name, "labels": labels}); err != nil {
			log.Fatal(err)
		}
	}
	for sandbox, err := range c.Sandboxes(ctx, client.SandboxFilter{Labels: map[string]string{"role": "worker"}}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sandbox.Name, sandbox.State)
	}
	// Unordered output:
	// worker-1 started
	// worker-2 started
}

// Count the requests of one purpose.
func ExampleRecorder() {
	c, stop := connect()
	defer stop()

	var recorder client.Recorder
	ctx := recorder.WithContext(context.Background())
	if _, err := c.CreateVolume(ctx, "data"); err != nil {
		log.Fatal(err)
	}
	if _, err := c.VolumeByName(ctx, "data"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(recorder.Log().Requests, "requests")
	// Output: 2 requests
}

// connect returns a client of a server on this machine, and what ends both.
func connect() (c *client.Client, stop func()) {
	server, err := daytonatest.New(daytonatest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	c, err = client.New(client.Config{URL: server.URL, Key: daytonatest.Key})
	if err != nil {
		log.Fatal(err)
	}
	return c, func() {
		c.Close()
		_ = server.Close()
	}
}
