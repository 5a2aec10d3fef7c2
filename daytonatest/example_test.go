package daytonatest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"fleet/client"
	"fleet/daytonatest"
)

// Test a program that creates sandboxes without an account.
func Example() {
	server, err := daytonatest.New(daytonatest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Key: daytonatest.Key})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := c.CreateSandbox(ctx, map[string]any{"name": "worker"}); err != nil {
		log.Fatal(err)
	}
	sandbox, err := c.Sandbox(ctx, "worker")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sandbox.Name, sandbox.State)
	// Output: worker started
}
