package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// verbatim returns a response with a JSON text as its body.
func verbatim(body string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// times returns an item n times, separated by commas.
func times(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

// lists has a function for each list, which reads it to its end.
var lists = map[string]func(t *testing.T, c *Client) error{
	"sandboxes": func(t *testing.T, c *Client) error {
		for _, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"sandboxes, numbered": func(t *testing.T, c *Client) error {
		_, err := ListSandboxesConsistent(t.Context(), c, SandboxFilter{}, kept)
		return err
	},
	"snapshots": func(t *testing.T, c *Client) error {
		for _, err := range c.Snapshots(t.Context()) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"volumes": func(t *testing.T, c *Client) error {
		for _, err := range c.Volumes(t.Context()) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"secrets": func(t *testing.T, c *Client) error { _, err := c.Secrets(t.Context()); return err },
	"regions": func(t *testing.T, c *Client) error { _, err := c.Regions(t.Context()); return err },
}

func wrapped(name string) bool {
	return name == "sandboxes" || name == "sandboxes, numbered" || name == "snapshots"
}

// TestCrowdedAnswers checks that a response that is too large is refused before it is
// decoded, by an error with the bound.
func TestCrowdedAnswers(t *testing.T) {
	for name, read := range lists {
		for what, test := range map[string]struct{ items, want string }{
			"items":        {times(maxListItems+1, "{}"), "items"},
			"empty lists":  {times(maxValues+2, "[]"), errTooManyValues.Error()},
			"nulls":        {times(maxValues+2, "null"), errTooManyValues.Error()},
			"inner items":  {`{"volumes":[` + times(maxValues+2, "{}") + `]}`, errTooManyValues.Error()},
			"deep nesting": {`{"volumes":` + strings.Repeat("[", 20000), "depth"},
			"a long text":  {`{"id":"` + strings.Repeat(`\"`, maxString/2+1) + `"}`, errStringTooLong.Error()},
			"bytes":        {`{"id":"` + strings.Repeat("x", transport.MaxResponse) + `"}`, transport.ErrTooLarge.Error()},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				body := "[" + test.items + "]"
				if wrapped(name) {
					body = `{"items":` + body + `,"total":1,"totalPages":1}`
				}
				asked := 0
				err := read(t, over(t, func(*http.Request) (*http.Response, error) { asked++; return verbatim(body), nil }))
				if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 4*api.MaxMessage {
					t.Errorf("error %v, want %q", err, test.want)
				}
				if asked != 1 {
					t.Errorf("%d requests", asked)
				}
			})
		}
	}
}

// TestFullAnswers checks that the largest allowed response is decoded.
func TestFullAnswers(t *testing.T) {
	item := `{"id":"%d","labels":{` + times(400, `"a,\"b":"c,\\"`) + `}}`
	var b strings.Builder
	for i := range maxItems {
		fmt.Fprintf(&b, item+",", i)
	}
	body := `{"items":[` + strings.TrimSuffix(b.String(), ",") + `]}`
	n := 0
	for _, err := range over(t, func(*http.Request) (*http.Response, error) { return verbatim(body), nil }).Sandboxes(t.Context(), SandboxFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != maxItems {
		t.Errorf("%d items", n)
	}
}

// TestEndlessLists checks that a list ends for any cursor or page number of a server.
func TestEndlessLists(t *testing.T) {
	for name, test := range map[string]struct {
		list   string
		cursor func(page int) string
		want   error
		pages  int
	}{
		"the same cursor":    {"sandboxes", func(int) string { return "a" }, errCursorLoop, 2},
		"two cursors":        {"sandboxes", func(n int) string { return string("ab"[n%2]) }, errCursorLoop, 3},
		"a long circle":      {"sandboxes", func(n int) string { return fmt.Sprint(n % 1000) }, errCursorLoop, 1001},
		"ever new cursors":   {"sandboxes", func(n int) string { return fmt.Sprint("c", n) }, errTooManyPages, maxPages},
		"a cursor too long":  {"sandboxes", func(int) string { return strings.Repeat("x", maxCursor+1) }, errCursorTooLong, 1},
		"numbers, snapshots": {"snapshots", func(int) string { return "" }, errTooManyPages, maxPages},
		"numbers, sandboxes": {"sandboxes, numbered", func(int) string { return "" }, errTooManyPages, 1},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c := over(t, func(*http.Request) (*http.Response, error) {
				asked++
				return verbatim(fmt.Sprintf(`{"items":[{"id":"%d"}],"nextCursor":%q,"total":9,"totalPages":1000000000}`, asked, test.cursor(asked))), nil
			})
			if err := lists[test.list](t, c); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if asked != test.pages {
				t.Errorf("%d requests, want %d", asked, test.pages)
			}
		})
	}
}

// TestNoLists checks that another value in place of a list is an error, and null is an
// empty list.
func TestNoLists(t *testing.T) {
	for name, read := range lists {
		for body, want := range map[string]bool{`null`: true, `[]`: true, `{}`: false, `"x"`: false, `7`: false, `[7]`: false, `[null`: false} {
			full := body
			if wrapped(name) {
				full = `{"items":` + body + `,"total":0}`
			}
			err := read(t, over(t, func(*http.Request) (*http.Response, error) { return verbatim(full), nil }))
			if (err == nil) != want {
				t.Errorf("%s, %s: error %v", name, body, err)
			}
		}
	}
}

func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"items":null}`, `{"items":[{}],"nextCursor":7}`, `{"items":[{"id":"a","labels":{"a":1}}],"total":1}`,
		`[{"name":"a","state":"ready","createdAt":"x"}]`, `{"labels":[],"state":7,"cpu":"4","volumes":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := over(t, func(*http.Request) (*http.Response, error) {
			return verbatim(string(body)), nil
		})
		for _, read := range lists {
			_ = read(t, c)
		}
		_, _ = c.Sandbox(t.Context(), "1")
		_, _ = c.Snapshot(t.Context(), "1")
		_, _ = c.Volume(t.Context(), "1")
		_, _ = c.Usage(t.Context(), "1")
		_, _ = c.Organization(t.Context(), "1")
		_, _ = c.CurrentKey(t.Context())
		_, _ = c.ServerConfig(t.Context())
	})
}
