package emulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// previewPrefix replaces the hosts of the real proxy, one for each port of each
// sandbox; PORT-ID follows.
const previewPrefix = proxyPrefix + "preview/"

// preview responds to a request to a port of a sandbox. Without access, the response
// is a redirect to a login.
func (c *call) previewURL() (reply, error) {
	port, err := strconv.Atoi(c.vars["port"])
	if err != nil || port < 1 || port > 65535 {
		return reply{}, world.BadRequest("Invalid port")
	}
	sb, err := c.pathSandbox()
	if err != nil {
		return reply{}, err
	}
	if sb.AuthToken == "" {
		sb.AuthToken = world.NewToken()
		c.MarkDirty(world.KindSandbox, sb.ID)
	}
	at := c.origin + previewPrefix + strconv.Itoa(port) + "-" + sb.ID
	return reply{status: success, body: map[string]string{"sandboxId": sb.ID, "url": at, "token": sb.AuthToken}}, nil
}

// preview answers for what would listen on a port of a sandbox. Who may not see
// it is sent to a login.
func (c *call) preview(h http.Header) (reply, error) {
	at, below, _ := strings.Cut(strings.TrimPrefix(c.path, "/preview/"), "/")
	number, id, _ := strings.Cut(at, "-")
	port, err := strconv.Atoi(number)
	if err != nil {
		return reply{}, world.BadRequest("bad request: invalid port '%s': must be numeric", number)
	}
	c.vars = map[string]string{"id": id}
	if sb, err := c.pathSandbox(); err == nil && !c.canPreview(sb) {
		h.Set("Location", c.origin+"/login")
		return reply{status: http.StatusTemporaryRedirect}, nil
	}
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	below, err = url.PathUnescape("/" + below)
	if err != nil {
		return reply{}, world.BadRequest("bad request: %v", err)
	}
	r := c.srv.scripts.Preview(sb, port, below)
	rep := reply{status: r.Status, text: &r.Body}
	if r.Delay > 0 {
		rep.work = &pendingWork{id: sb.ID, until: c.Now.Plus(time.Duration(r.Delay))}
	}
	return rep, nil
}

// canPreview reports whether the request may access the preview.
func (c *call) canPreview(sb *world.Sandbox) bool {
	token := c.header.Get("X-Daytona-Preview-Token")
	return sb.Public || token != "" && token == sb.AuthToken || c.srv.accepts(c.key)
}
