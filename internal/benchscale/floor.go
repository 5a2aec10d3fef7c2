package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// The environment variables by which all programs find the server.
const (
	urlVariable = "DAYTONA_API_URL"
	keyVariable = "DAYTONA_API_KEY"
)

// A box is a listed sandbox, as far as a comparison needs it.
type box struct {
	ID, Name, State, DesiredState string
	Labels                        map[string]string
}

// listByCursor lists all sandboxes, page after page.
func listByCursor(ctx context.Context) error {
	boxes, err := listAll(ctx, "")
	if err != nil {
		return err
	}
	fmt.Println(len(boxes))
	return nil
}

// listShards lists all sandboxes by the first digit of their ids, side by side.
func listShards(ctx context.Context) error {
	const digits = "0123456789abcdef"
	var shards [len(digits)][]box
	g, ctx := errgroup.WithContext(ctx)
	for i := range shards {
		g.Go(func() (err error) {
			shards[i], err = listAll(ctx, digits[i:i+1])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	n := 0
	for _, s := range shards {
		n += len(s)
	}
	fmt.Println(n)
	return nil
}

// listAll lists the sandboxes whose ids have a prefix.
func listAll(ctx context.Context, prefix string) (all []box, err error) {
	query := url.Values{"sort": {"createdAt"}, "order": {"asc"}, "limit": {"200"}, "labels": {`{"fleet-name":"bench"}`}}
	if prefix != "" {
		query.Set("id", prefix)
	}
	for {
		var p struct {
			Items      []box
			NextCursor string
		}
		if err := call(ctx, http.MethodGet, "/sandbox?"+query.Encode(), nil, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		if p.NextCursor == "" {
			return all, nil
		}
		query.Set("cursor", p.NextCursor)
	}
}

// create creates sandboxes. Its arguments are their number and how many are created at
// the same time. The server answers when a sandbox has started.
func create(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("two numbers are needed")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	parallel, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range n {
		g.Go(func() error {
			var made box
			name := "worker-" + strconv.Itoa(i)
			return call(ctx, http.MethodPost, "/sandbox", map[string]any{"name": name, "autoStopInterval": 0}, &made)
		})
	}
	return g.Wait()
}

// transport keeps enough connections for all requests.
var transport = &http.Transport{MaxIdleConnsPerHost: 250}

// call sends a request and decodes the response.
func call(ctx context.Context, method, path string, body, result any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, os.Getenv(urlVariable)+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv(keyVariable))
	req.Header.Set("Content-Type", "application/json")
	res, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(result)
}
