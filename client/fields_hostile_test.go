package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client/internal/api"
	"fleet/internal/emulator"
)

// odd lists values that a member of a response should never have.
var odd = map[string]json.RawMessage{
	"null": json.RawMessage(`null`), "true": json.RawMessage(`true`), "false": json.RawMessage(`false`),
	"0": json.RawMessage(`0`), "negative": json.RawMessage(`-1`), "fraction": json.RawMessage(`0.5`),
	"huge": json.RawMessage(`9223372036854775808`), "largest": json.RawMessage(`1e308`), "too large": json.RawMessage(`-1e999`),
	"empty": json.RawMessage(`""`), "blank": json.RawMessage(`" "`), "dots": json.RawMessage(`"../.."`),
	"hostile": json.RawMessage(`"\u001b[2J\r\n::error::x\u0000\u202e\u009b"`), "not UTF-8": json.RawMessage("\"\xff\xfe\""),
	"long": json.RawMessage(`"` + strings.Repeat("x", 2*api.MaxMessage) + `"`), "date": json.RawMessage(`"9999-99-99T99:99:99Z"`),
	"list": json.RawMessage(`[]`), "list of null": json.RawMessage(`[null]`), "nested": json.RawMessage(strings.Repeat("[", 200) + strings.Repeat("]", 200)),
	"object": json.RawMessage(`{}`), "object of null": json.RawMessage(`{"a":null,"":{"b":[]}}`),
}

// mutations calls f with each text that differs from data in one place: a member or an
// item has another value, or is missing. top is the outermost member or item that holds
// the place.
func mutations(t *testing.T, data []byte, f func(what, top string, body []byte)) {
	t.Helper()
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	var walk func(at any, path []string)
	walk = func(at any, path []string) {
		visit := func(key string, was any, set func(v any), drop func()) {
			where := append(slices.Clone(path), key)
			show := func(how string) {
				body, err := json.Marshal(root)
				if err != nil {
					t.Fatal(err)
				}
				f(strings.Join(where, ".")+": "+how, where[0], body)
			}
			for _, how := range slices.Sorted(maps.Keys(odd)) {
				set(marker + how)
				show(how)
			}
			if drop != nil {
				drop()
				show("absent")
			}
			set(was)
			walk(was, where)
		}
		switch at := at.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(at)) {
				visit(key, at[key], func(v any) { at[key] = v }, func() { delete(at, key) })
			}
		case []any:
			for i := range min(len(at), 2) { // the others are like them
				visit(fmt.Sprint(i), at[i], func(v any) { at[i] = v }, nil)
			}
		}
	}
	walk(root, nil)
}

// marker precedes the name of an odd value. The value replaces it when the text is
// sent, since not all odd values can be encoded.
const marker = "odd value: "

// sent returns the text of a mutation with the odd value in place.
func sent(body []byte) string {
	text := string(body)
	for how, value := range odd {
		text = strings.ReplaceAll(text, `"`+marker+how+`"`, string(value))
	}
	return text
}

// honest returns the responses of an emulator to the requests of each reader.
func honest(t *testing.T) map[string]string {
	t.Helper()
	daytona, err := emulator.New(emulator.Options{APIVersion: emulator.Version205})
	if err != nil {
		t.Fatal(err)
	}
	defer daytona.Close()
	ask := func(method, path, body string) string {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, "/api"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer test")
		r.Header.Set("Content-Type", "application/json")
		daytona.ServeHTTP(w, r)
		if w.Code > 299 {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	volume := ask("POST", "/volumes", `{"name":"data"}`)
	ask("POST", "/snapshots", `{"name":"base","imageName":"debian:12.5"}`)
	ask("POST", "/secret", `{"name":"TOKEN","value":"x"}`)
	var made struct{ ID, OrganizationID string }
	_ = json.Unmarshal([]byte(volume), &made)
	sandbox := ask("POST", "/sandbox", `{"name":"web","env":{"A":"1"},"labels":{"team":"x"},"volumes":[{"volumeId":"`+made.ID+`","mountPath":"/data"}]}`)
	_ = json.Unmarshal([]byte(sandbox), &made)
	key := ask("GET", "/api-keys/current", "")
	return map[string]string{
		"sandbox": ask("GET", "/sandbox/"+made.ID, ""), "sandboxes": ask("GET", "/sandbox", ""), "sandboxes, numbered": ask("GET", "/sandbox/paginated", ""),
		"snapshot": ask("GET", "/snapshots/base", ""), "snapshots": ask("GET", "/snapshots", ""), "volume": volume, "volumes": ask("GET", "/volumes", ""),
		"regions": ask("GET", "/regions", ""), "config": ask("GET", "/config", ""), "key": key, "secrets": ask("GET", "/secret", ""),
		"usage":        ask("GET", "/organizations/"+made.OrganizationID+"/usage", ""),
		"organization": `{"id":"o","name":"acme","defaultRegionId":"us","suspended":true,"suspensionReason":"unpaid","suspendedUntil":"2027-01-01T00:00:00Z"}`,
	}
}

// readers returns functions that read each kind of response.
func readers() map[string]func(t *testing.T, c *Client) error {
	all := maps.Clone(lists)
	one := map[string]func(t *testing.T, c *Client) error{
		"sandbox":      func(t *testing.T, c *Client) error { _, err := c.Sandbox(t.Context(), "1"); return err },
		"snapshot":     func(t *testing.T, c *Client) error { _, err := c.Snapshot(t.Context(), "1"); return err },
		"volume":       func(t *testing.T, c *Client) error { _, err := c.Volume(t.Context(), "1"); return err },
		"config":       func(t *testing.T, c *Client) error { _, err := c.ServerConfig(t.Context()); return err },
		"key":          func(t *testing.T, c *Client) error { _, err := c.CurrentKey(t.Context()); return err },
		"usage":        func(t *testing.T, c *Client) error { _, err := c.Usage(t.Context(), "1"); return err },
		"organization": func(t *testing.T, c *Client) error { _, err := c.Organization(t.Context(), "1"); return err },
	}
	maps.Copy(all, one)
	return all
}

// TestEveryFieldMutated checks that a response with one odd value is decoded, or is an
// error of that request, and that the client continues to work.
func TestEveryFieldMutated(t *testing.T) {
	all := readers()
	for name, answer := range honest(t) {
		t.Run(name, func(t *testing.T) {
			n := 0
			mutations(t, []byte(answer), func(what, _ string, body []byte) {
				n++
				synctest.Test(t, func(t *testing.T) { readMutated(t, what, sent(body), answer, all[name]) })
			})
			if n < len(odd) {
				t.Errorf("only %d mutations of %s", n, answer)
			}
		})
	}
}

// readMutated reads a response with one odd value, and then the honest one.
func readMutated(t *testing.T, what, body, honest string, read func(t *testing.T, c *Client) error) {
	next, asked := body, 0
	c := over(t, func(*http.Request) (*http.Response, error) {
		if asked++; asked > 5 { // of a list whose end is far
			return verbatim(honest), nil
		}
		return verbatim(next), nil
	})
	start := time.Now()
	if err := read(t, c); err != nil {
		_, plain := errors.AsType[*Error](err)
		for _, known := range []error{errCursorLoop, errCursorTooLong, ErrListChanged} {
			plain = plain || errors.Is(err, known)
		}
		if !plain {
			t.Errorf("%s: the error is unclear: %T %v", what, err, err)
		}
		if text := err.Error(); strings.ContainsAny(text, "\x1b\r\x00\u202e\u009b") || len(text) > 2*api.MaxMessage {
			t.Errorf("%s: the error shows what the server wrote: %q", what, text)
		}
	}
	next = honest
	if err := read(t, c); err != nil {
		t.Errorf("%s: afterwards an honest answer is not read: %v", what, err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("%s: the client waits %s for it", what, took)
	}
}

// TestSandboxWithAnOddField checks that one odd member does not change the others.
func TestSandboxWithAnOddField(t *testing.T) {
	body := honest(t)["sandbox"]
	var want Sandbox
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	// of lists what is read of each member.
	of := func(s Sandbox) map[string]string {
		return map[string]string{
			"id": s.ID, "organizationId": s.OrganizationID, "name": s.Name, "state": string(s.State), "desiredState": string(s.DesiredState),
			"sandboxClass": s.Class, "createdAt": s.CreatedAt.String(), "labels": fmt.Sprint(s.Labels), "recoverable": fmt.Sprint(s.Recoverable),
			"errorReason": string(s.ErrorReason), "lastActivityAt": s.LastActivityAt.String(),
		}
	}
	mutations(t, []byte(body), func(what, top string, body []byte) {
		var got Sandbox
		if err := json.Unmarshal([]byte(sent(body)), &got); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for member, was := range of(want) {
			if is := of(got)[member]; member != top && is != was {
				t.Errorf("%s: %s became %q", what, member, is)
			}
		}
		_, _, _, _ = got.Effective(), got.Settled(), got.Failed(), got.Deleted()
		_, _ = got.DeletedName()
	})
}
