package socketio

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/memnet"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const greeting = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

// scripted serves connections that perform a script of steps, one after the other:
// "> text" sends, "< text" expects, "binary" sends a binary message, "break" closes
// the connection, "bye" closes it in order, and a duration passes.
func scripted(t *testing.T, steps ...string) *memnet.Network {
	return memnet.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer socket.CloseNow()
		for _, step := range steps {
			perform(t, socket, step)
		}
		_, _, _ = socket.Read(context.Background()) // until the client leaves
	}))
}

func perform(t *testing.T, socket *websocket.Conn, step string) {
	ctx := context.Background()
	verb, text, _ := strings.Cut(step, " ")
	switch verb {
	case ">":
		_ = socket.Write(ctx, websocket.MessageText, []byte(text))
	case "<":
		if _, got, err := socket.Read(ctx); string(got) != text {
			t.Errorf("the client sent %q, %v; want %q", got, err, text)
		}
	case "binary":
		_ = socket.Write(ctx, websocket.MessageBinary, []byte("42[1]"))
	case "break":
		_ = socket.CloseNow()
	case "bye":
		_ = socket.Close(websocket.StatusGoingAway, "deploy")
	default:
		d, err := time.ParseDuration(step)
		if err != nil {
			t.Error(err)
		}
		time.Sleep(d)
	}
}

func dial(ctx context.Context, n *memnet.Network) (*Conn, error) {
	return Dial(ctx, "http://daytona.test/api/socket.io/", Options{
		HTTP: &http.Client{Transport: n}, Auth: map[string]string{"token": "k"}, Timeout: 10 * time.Second, MaxMessage: 1000,
	})
}

// outcome returns the events until an error, and the error.
func outcome(ctx context.Context, n *memnet.Network) (string, error) {
	c, err := dial(ctx, n)
	if err != nil {
		return "", err
	}
	defer c.Close()
	var events []string
	for {
		name, argument, err := c.Next(ctx)
		if err != nil {
			return strings.Join(events, ", "), err
		}
		events = append(events, name+" "+string(argument))
	}
}

// TestConn: what a server may send, and what becomes of it.
func TestConn(t *testing.T) {
	connect := []string{"> " + greeting, `< 40{"token":"k"}`, `> 40{"sid":"s"}`}
	long := "> 42[\"" + strings.Repeat("x", 1000) + "\"]"
	for name, c := range map[string]struct {
		steps  []string // after the handshake
		events string
		err    error // nil means any
	}{
		"events":                {[]string{`> 42["a",{"b":1}]`, `> 42["c"]`, "> 41"}, `a {"b":1}, c `, ErrClosed},
		"ping":                  {[]string{"> 2", "< 3", "> 2probe", "< 3probe", `> 42["a"]`, "> 1"}, "a ", ErrClosed},
		"pings for an hour":     {append(manyPings(), `> 42["a"]`, "> 1"), "a ", ErrClosed},
		"junk is skipped":       {[]string{"> ", "> 4", "> hello", `> 42["a"`, "binary", `> 451-["a",{"_placeholder":true,"num":0}]`, "> 42[1]", `> 42["b"]`, "> 41"}, "b ", ErrClosed},
		"other namespace":       {[]string{`> 42/admin,["a"]`, "> 41/admin", `> 42["b"]`, "> 41"}, "b ", ErrClosed},
		"acknowledgement":       {[]string{`> 4217["a"]`, "> 41"}, "a ", ErrClosed},
		"closed in order":       {[]string{`> 42["a"]`, "bye"}, "a ", ErrClosed},
		"broken":                {[]string{`> 42["a"]`, "break"}, "a ", nil},
		"too long":              {[]string{long}, "", nil},
		"silent":                {[]string{`> 42["a"]`, "1h"}, "a ", ErrSilent},
		"junk is no life sign":  {[]string{"40s", "> hello", "40s", `> 42["a"]`}, "", ErrSilent},
		"events are life signs": {[]string{"40s", `> 42["a"]`, "40s", `> 42["b"]`, "> 41"}, "a , b ", ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				events, err := outcome(t.Context(), scripted(t, append(connect[:3:3], c.steps...)...))
				if events != c.events || err == nil || c.err != nil && !errors.Is(err, c.err) {
					t.Errorf("got %q, %v", events, err)
				}
			})
		})
	}
}

func manyPings() (steps []string) {
	for range 144 {
		steps = append(steps, "25s", "> 2", "< 3")
	}
	return steps
}

// TestDial: what a server may respond to a handshake.
func TestDial(t *testing.T) {
	auth := `< 40{"token":"k"}`
	for name, c := range map[string]struct {
		steps []string
		err   string
	}{
		"refused":                {[]string{"> " + greeting, auth, `> 44{"message":"Unauthorized"}`}, "the server refused the connection: Unauthorized"},
		"refused without reason": {[]string{"> " + greeting, auth, "> 44"}, "the server refused the connection: without a reason"},
		"other namespace":        {[]string{"> " + greeting, auth, `> 44/admin,{"message":"no"}`, "> 2", "< 3", `> 44{"message":"yes"}`}, "the server refused the connection: yes"},
		"another protocol":       {[]string{`> {"hello":"world"}`, "> 42[]"}, ErrProtocol.Error()},
		"odd greeting":           {[]string{"> 0[]"}, ErrProtocol.Error()},
		"no greeting":            {nil, ErrSilent.Error()},
		"no consent":             {[]string{"> " + greeting, auth}, ErrSilent.Error()},
		"closed":                 {[]string{"> " + greeting, auth, "> 1"}, ErrClosed.Error()},
		"broken":                 {[]string{"> " + greeting, "break"}, "the connection broke"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, err := dial(t.Context(), scripted(t, c.steps...))
				if err == nil {
					conn.Close()
					t.Fatal("accepted")
				}
				if !strings.HasPrefix(err.Error(), c.err) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// TestDialIsNoWebSocket: the response of a server that knows no WebSocket is returned.
func TestDialIsNoWebSocket(t *testing.T) {
	n := memnet.New(t, http.NotFoundHandler())
	_, err := dial(t.Context(), n)
	refused, ok := errors.AsType[*RefusedError](err)
	if !ok || refused.Response == nil || refused.Response.StatusCode != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
}

// TestCancel: the end of the caller's context is distinguished from a timeout, and ends a dial as
// well as a connection.
func TestCancel(t *testing.T) {
	for name, steps := range map[string][]string{
		"while dialling": nil,
		"connected":      {"> " + greeting, `< 40{"token":"k"}`, "> 40"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if _, err := outcome(ctx, scripted(t, steps...)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// TestSilence: a server cannot declare that it is silent forever, or less than a moment.
func TestSilence(t *testing.T) {
	for data, want := range map[string]time.Duration{
		`{"pingInterval":25000,"pingTimeout":20000}`: 45 * time.Second,
		`{}`: minSilence,
		`{"pingInterval":-9223372036854775808,"pingTimeout":-9223372036854775808}`: minSilence,
		`{"pingInterval":9223372036854775807,"pingTimeout":9223372036854775807}`:   maxSilence,
	} {
		if got, err := silenceOf(Packet{Kind: Open, Data: data}); got != want || err != nil {
			t.Errorf("%s: got %s, %v", data, got, err)
		}
	}
}
