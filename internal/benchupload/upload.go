package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"fleet/client"
	"fleet/internal/input"
)

// upload uploads a file with the client, and prints the peak memory of the process.
func upload(ctx context.Context, api, file string) error {
	c, err := client.New(client.Config{URL: api, Key: "bench"})
	if err != nil {
		return err
	}
	defer c.Close()
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	_, err = c.UploadContext(ctx, client.BuildContext{
		Hash: hash, Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return input.Open(file) },
	})
	if err != nil {
		return err
	}
	fmt.Println(peakMemory())
	return nil
}

// peakMemory returns the peak memory of this process in kB; 0 if the system does not
// report it.
func peakMemory() (peak int) {
	status, err := input.ReadRegular("/proc/self/status", input.MaxList)
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &peak); err != nil {
		return 0
	}
	return peak
}
