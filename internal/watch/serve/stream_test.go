package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A reader reads a stream as a browser does.
type reader struct {
	response *http.Response
	lines    *bufio.Scanner
}

func readStream(t *testing.T, p *pipe, path string, headers ...string) *reader {
	t.Helper()
	response := get(t, p, path, headers...)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s: %d, %v", path, response.StatusCode, response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return &reader{response, lines}
}

// next returns the lines of the next event as NAME ID DATA, without comments and retry.
// It returns "end" at the end of the stream.
func (r *reader) next() string {
	name, id, data := "message", "", ""
	for r.lines.Scan() {
		field, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			if data != "" {
				return name + " " + id + " " + data
			}
		}
	}
	return "end"
}

// expect checks the start of the next event.
func (r *reader) expect(t *testing.T, want string) {
	t.Helper()
	if got := r.next(); !strings.HasPrefix(got, want) {
		t.Errorf("the stream has %.100q, want %q", got, want)
	}
}

// TestStream reads events as they come, and from where another stream has ended.
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := filled(1)
		p, stop := serving(t, options(j, &controls{}))
		head, _ := j.Head()
		run := runOf(head)
		r := readStream(t, p, "/api/events?since=")
		synctest.Wait() // a stream without a number starts now
		j.Raise("spec-invalid", "fleet.yaml:1:1")
		r.expect(t, "message 3-"+run+` {"seq":3,`)
		go func() {
			time.Sleep(5 * time.Hour) // no deadline ends a stream
			j.Clear("spec-invalid")
		}()
		r.expect(t, "message 4-"+run)
		r.response.Body.Close()

		for _, since := range []string{"2", "2-" + run} {
			r = readStream(t, p, "/api/events?since="+since)
			r.expect(t, "message 3-"+run)
			r.expect(t, "message 4-"+run)
			r.response.Body.Close()
		}
		r = readStream(t, p, "/api/events?since=1", "Last-Event-ID: 3-"+run)
		r.expect(t, "message 4-"+run)
		r.response.Body.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestReset checks which readers are asked to read the state: one of another run of the
// watch, one that is ahead of this run, and one that fell behind.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		for i := range 3000 {
			j.Raise("spec-invalid", fmt.Sprint(i))
		}
		head, seq := j.Head()
		run := runOf(head)
		p, stop := serving(t, options(j, &controls{}))
		for _, since := range []string{"2990-other", "99999999999", "1", "0", "1-" + run} {
			r := readStream(t, p, "/api/events?since="+since)
			r.expect(t, fmt.Sprintf("reset %d-%s {\"seq\":%d}", seq, run, seq))
			j.Raise("spec-invalid", since)
			seq++
			r.expect(t, fmt.Sprintf("message %d-%s", seq, run)) // it continues
			r.response.Body.Close()
		}
		for _, since := range []string{"x", "-1", "1.5", "-"} {
			response := get(t, p, "/api/events?since="+since)
			if body := readAll(response.Body); response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "since must be") {
				t.Errorf("since=%s: %d %s", since, response.StatusCode, body)
			}
			response.Body.Close()
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestSlowReader checks that a client that does not read is given up, and that it can
// read the rest when it connects again.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		p, stop := serving(t, options(j, &controls{}))
		r := readStream(t, p, "/api/events?since=0")
		for i := range 100 {
			j.Raise("spec-invalid", strings.Repeat("x", 1000)+fmt.Sprint(i))
		}
		start := time.Now()
		time.Sleep(2 * writeTimeout)
		synctest.Wait()
		n := 0
		for r.next() != "end" {
			n++
		}
		if n == 100 || time.Since(start) > 3*writeTimeout {
			t.Errorf("the client has read %d events after %s", n, time.Since(start))
		}
		r.response.Body.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestKeepAlive checks that a quiet stream has lines, so that lost connections end.
func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, stop := serving(t, options(newJournal(), &controls{}))
		r := readStream(t, p, "/api/events")
		start, comments := time.Now(), 0
		for comments < 4 && r.lines.Scan() {
			if strings.HasPrefix(r.lines.Text(), ":") {
				comments++
			}
		}
		if got := time.Since(start); got != 4*keepAlive {
			t.Errorf("four comments in %s, want %s", got, 4*keepAlive)
		}
		r.response.Body.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestStreamsAreBounded opens as many streams as there may be, and one more.
func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, stop := serving(t, options(newJournal(), &controls{}))
		var open []*reader
		for range maxStreams {
			open = append(open, readStream(t, p, "/api/events"))
		}
		response := get(t, p, "/api/events")
		if body := readAll(response.Body); response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" || !strings.Contains(body, "event streams are open") {
			t.Errorf("one more: %d %s", response.StatusCode, body)
		}
		response.Body.Close()
		open[0].response.Body.Close()
		time.Sleep(2 * keepAlive) // the server notices at the latest when it writes
		open[0] = readStream(t, p, "/api/events")
		for _, r := range open {
			r.response.Body.Close()
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// slowPage serves a page after a time.
func slowPage(after time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(after)
		fmt.Fprint(w, "done")
	})
}

// TestShutdown checks that open streams end at once, without waiting for the grace.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, stop := serving(t, options(newJournal(), &controls{}))
		var open []*reader
		for range 5 {
			open = append(open, readStream(t, p, "/api/events"))
		}
		start := time.Now()
		ends := make(chan string, len(open))
		for _, r := range open {
			go func() { ends <- r.next(); r.response.Body.Close() }()
		}
		if err := stop(); err != nil || time.Since(start) > time.Second {
			t.Errorf("the end takes %s: %v", time.Since(start), err)
		}
		for range open {
			if got := <-ends; got != "end" {
				t.Errorf("a stream ends with %s", got)
			}
		}
	})
}

// TestSlowClient checks that a client that sends its request slowly is given up: within
// the header, and within the body.
func TestSlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &controls{}
		p, stop := serving(t, options(newJournal(), c))
		for _, text := range []string{
			"GET /api/state HTTP/1.1\r\nHost: localhost",
			"POST /api/reconcile HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{",
		} {
			connection, err := p.dial(context.Background(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			fmt.Fprint(connection, text)
			rest, err := io.ReadAll(connection)
			if err != nil && !errors.Is(err, io.ErrClosedPipe) || time.Since(start) > 2*readTimeout || c.take() != "" {
				t.Errorf("%.20q: %q %v after %s", text, rest, err, time.Since(start))
			}
			connection.Close()
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestGrace checks that other requests may end within the grace, and no later.
func TestGrace(t *testing.T) {
	for after, want := range map[time.Duration]string{2 * time.Second: "done", time.Hour: ""} {
		synctest.Test(t, func(t *testing.T) {
			o := options(newJournal(), &controls{})
			o.Page = slowPage(after)
			p, stop := serving(t, o)
			got := make(chan string, 1)
			go func() {
				r := request("GET", "/", "")
				r.RequestURI = ""
				response, err := p.client().Do(r)
				if err != nil {
					got <- ""
					return
				}
				got <- readAll(response.Body)
				response.Body.Close()
			}()
			synctest.Wait()
			start := time.Now()
			err := stop()
			if text := <-got; err != nil || text != want || time.Since(start) > 4*time.Second {
				t.Errorf("a request that takes %s: %q after %s, %v", after, text, time.Since(start), err)
			}
			time.Sleep(after) // the handler ends
		})
	}
}
