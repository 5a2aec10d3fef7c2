package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"fleet/client/internal/api"
)

var (
	errReset  = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	errNoHost = &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
)

// TestErrorTexts checks whole messages, as users read them.
func TestErrorTexts(t *testing.T) {
	create := func(ctx context.Context, c *Client) error { _, err := c.CreateSandbox(ctx, nil); return err }
	volumes := func(ctx context.Context, c *Client) error { _, err := c.VolumeByName(ctx, "a/b"); return err }
	resize := func(ctx context.Context, c *Client) error {
		_, err := c.ChangeSandbox(ctx, "1", SandboxRequest{Method: "POST", Path: "resize", Body: map[string]any{"cpu": 2}})
		return err
	}
	large := func(ctx context.Context, c *Client) error {
		_, err := c.CreateSandbox(ctx, map[string]any{"env": strings.Repeat("x", 120_000)})
		return err
	}
	html := answer(404, "", "Content-Type", "text/html")
	for name, test := range map[string]struct {
		call  func(context.Context, *Client) error
		res   *http.Response
		err   error
		class ErrorClass
		want  string
	}{
		"name taken": {
			create, answer(409, refusal("Sandbox with name box already exists")), nil, NameTaken,
			"POST /sandbox: Sandbox with name box already exists (409)",
		},
		"refused key": {
			create, answer(401, refusal("Invalid credentials"), "X-Request-Id", "r1"), nil, Unauthorized,
			"POST /sandbox: Invalid credentials (401); the API key was refused: check DAYTONA_API_KEY [request r1]",
		},
		"missing permission": {
			volumes, answer(403, refusal("Access denied")), nil, Forbidden,
			"GET /volumes/by-name/a%2Fb: Access denied (403); the credentials probably lack the permission read:volumes",
		},
		"forbidden region": {
			create, answer(403, refusal("Region eu is not available to the organization")), nil, Forbidden,
			"POST /sandbox: Region eu is not available to the organization (403)",
		},
		"feature off": {
			resize, answer(404, refusal("Cannot POST /api/sandbox/1/resize")), nil, NotSupported,
			"POST /sandbox/1/resize: Cannot POST /api/sandbox/1/resize (404); the server does not support this call: " +
				"it may be older, have the feature disabled, or not be the API (https://daytona.test/api)",
		},
		"too large": {
			large, answer(404, refusal("Cannot POST /api/sandbox")), nil, NotSupported,
			"POST /sandbox: Cannot POST /api/sandbox (404); the request of 120 kB may be larger than the server accepts",
		},
		"several lines": {
			create, answer(400, refusal("Total CPU limit exceeded. Maximum allowed: 3.\n\x1b[2JTo increase, pay")), nil, QuotaExceeded,
			"POST /sandbox: Total CPU limit exceeded. Maximum allowed: 3.  [2JTo increase, pay (400); free resources, or raise the organisation's limits",
		},
		"no time left to dial": {
			create, nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, Unreachable,
			"POST /sandbox: dial: i/o timeout; check DAYTONA_API_URL (https://daytona.test/api) and the network",
		},
		"several messages": {
			create, answer(400, map[string]any{"message": []string{"name must be a string", "env must be an object"}}), nil, BadRequest,
			"POST /sandbox: name must be a string, env must be an object (400)",
		},
		"no message": {
			create, &http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}, Body: io.NopCloser(failing{})}, nil, ServerError,
			"POST /sandbox: internal server error (500)",
		},
		"web page": {
			create, html, nil, NotDaytona,
			"POST /sandbox: got a web page instead of an API response (404); check DAYTONA_API_URL (https://daytona.test/api): it usually ends in /api",
		},
		"no such host": {
			create, nil, errNoHost, Unreachable,
			"POST /sandbox: dial: lookup : no such host; check DAYTONA_API_URL (https://daytona.test/api) and the network",
		},
		"lost answer": {
			create, nil, errReset, Unreachable,
			"POST /sandbox: read: connection reset by peer; check DAYTONA_API_URL (https://daytona.test/api) and the network; " +
				"the request may have been carried out nevertheless",
		},
		"certificate": {
			create, nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, Unreachable,
			"POST /sandbox: tls: failed to verify certificate: x509: certificate signed by unknown authority; " +
				"the server's certificate is not trusted: name the CA that signed it, or check DAYTONA_API_URL",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := over(t, func(*http.Request) (*http.Response, error) { return test.res, test.err })
				err := test.call(t.Context(), c)
				if ErrorClassOf(err) != test.class || err.Error() != test.want {
					t.Errorf("got %s:\n%v\nwant\n%s", ErrorClassOf(err), err, test.want)
				}
				if test.err != nil && !isContextError(test.err) && !errors.Is(err, test.err) {
					t.Error("the network's error is not wrapped")
				}
				if isContextError(err) {
					t.Error("looks like the expiry of the caller's context")
				}
			})
		})
	}
}

// failing is a body whose first read fails.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestRateLimitedError(t *testing.T) {
	c := over(t, func(*http.Request) (*http.Response, error) {
		return answer(429, refusal("ThrottlerException: Too Many Requests"), "Retry-After-sandbox-lifecycle", "3600"), nil
	})
	_, err := c.StopSandbox(t.Context(), "x")
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != RateLimited || e.RateClass != RateLifecycle || e.RetryAfter.Hours() != 1 {
		t.Errorf("got %#v", err)
	}
}

func TestRefusedTokenIsNamed(t *testing.T) {
	c := over(t, func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("X-Daytona-Organization-ID") != "org" || req.Header.Get("Authorization") != "Bearer token" {
			t.Errorf("headers %v", req.Header)
		}
		return answer(401, refusal("Invalid credentials")), nil
	}, func(c *Config) { c.Key, c.JWT, c.Organization = "", "token", "org" })
	if _, err := c.Sandbox(t.Context(), "x"); !strings.Contains(err.Error(), "DAYTONA_JWT_TOKEN") {
		t.Errorf("got %v", err)
	}
}

// TestPoisonedServer checks that the key is redacted wherever a server puts it: in
// messages, headers, the status line, the target of a redirect, or a response that is
// not HTTP.
func TestPoisonedServer(t *testing.T) {
	poisons := map[string]http.HandlerFunc{
		"message": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Request-Id", testKey)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"message": "bad key Bearer `+testKey+`"}`)
		},
		"long message": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"message": "`+strings.Repeat("x", api.MaxMessage-8)+testKey+`"}`)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/login?key="+testKey, http.StatusFound)
		},
		"type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/"+testKey)
			_, _ = io.WriteString(w, testKey)
		},
		"not HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 "+testKey+"\r\n\r\n")
			conn.Close()
		},
		"JSON": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"`+testKey)
		},
	}
	for name, poison := range poisons {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			c := serve(t, poison)
			c.config.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c.connect()
			_, err := c.CreateSandbox(t.Context(), map[string]any{"name": testKey})
			if err == nil {
				t.Fatal("no error")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), testKey[:8]) {
					t.Errorf("error: %v", e)
				}
			}
			if strings.Contains(log.String(), testKey[:8]) || !strings.Contains(log.String(), "path=/api/sandbox") {
				t.Errorf("log: %s", log.String())
			}
		})
	}
}
