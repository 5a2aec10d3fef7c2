// Command benchupload compares the upload of a build context by the client with that of
// the same bytes by curl, to the same built emulator and to the same address. It prints
// the ratio of their rates, and the peak memory of the process that uploads. Run make
// bench-upload.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fleet := flag.String("fleet", "bin/fleet", "program that serves the emulator")
	megabytes := flag.Int64("mb", 200, "size of the context in MB")
	runs := flag.Int("runs", 5, "number of uploads by each of both")
	api := flag.String("upload", "", "upload the named file to the API at this address, and exit")
	flag.Parse()
	var err error
	if *api != "" {
		err = upload(ctx, *api, flag.Arg(0))
	} else {
		err = compare(ctx, *fleet, *megabytes*1_000_000, *runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchupload:", err)
		os.Exit(1)
	}
}

// compare uploads with the client and with curl in turn, and prints the medians.
func compare(ctx context.Context, fleet string, size int64, runs int) error {
	dir, err := os.MkdirTemp("", "benchupload-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file, err := writeContent(dir, size)
	if err != nil {
		return err
	}
	server, err := startEmulator(ctx, fleet, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	var client, curl []time.Duration
	var peak int
	for range runs {
		took, memory, err := server.uploadWithClient(ctx, file)
		if err != nil {
			return err
		}
		client, peak = append(client, took), max(peak, memory)
		if took, err = server.uploadWithCurl(ctx, file); err != nil {
			return err
		}
		curl = append(curl, took)
	}
	rate := func(took time.Duration) float64 { return float64(size) / 1e6 / took.Seconds() }
	fmt.Printf("client %4.0f MB/s  %v\ncurl   %4.0f MB/s  %v\n", rate(median(client)), client, rate(median(curl)), curl)
	fmt.Printf("ratio  %.2f\npeak memory of the client: %d kB\n", rate(median(client))/rate(median(curl)), peak)
	return nil
}

func median(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
