package serve

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// loginPath is the path of the form that asks a person for the token.
const loginPath = "/login"

// sessionPeriod is how long a browser stays logged in.
const sessionPeriod = 12 * time.Hour

// keys check tokens and sessions. A session is a cookie with the time of its end, signed
// with the token: it outlives a restart of the watch, and ends with the token.
type keys struct {
	token  [sha256.Size]byte // digest of the token, so that all compared texts have one length
	secret []byte
	cookie string // name; it has the port, since browsers share cookies between the ports of a host
}

func newKeys(token, port string) *keys {
	return &keys{token: sha256.Sum256([]byte(token)), secret: []byte(token), cookie: "fleet_watch_" + port}
}

// isToken compares in constant time.
func (k *keys) isToken(text string) bool {
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], k.token[:]) == 1
}

// admit reports whether a request has the token or the cookie of a session.
func (k *keys) admit(r *http.Request, now time.Time) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") { // others may be meant for a proxy
		return k.isToken(strings.TrimSpace(token))
	}
	c, err := r.Cookie(k.cookie)
	return err == nil && k.isSession(c.Value, now)
}

// session returns the value of the cookie for a session that ends at a time.
func (k *keys) session(end time.Time) string {
	text := strconv.FormatInt(end.Unix(), 10)
	return text + "." + hex.EncodeToString(k.sign(text))
}

func (k *keys) sign(text string) []byte {
	mac := hmac.New(sha256.New, k.secret)
	fmt.Fprintf(mac, "session of fleet watch until %s", text)
	return mac.Sum(nil)
}

// isSession reports whether a value belongs to a session that has not ended.
func (k *keys) isSession(value string, now time.Time) bool {
	text, signature, _ := strings.Cut(value, ".")
	given, err := hex.DecodeString(signature)
	if err != nil || !hmac.Equal(given, k.sign(text)) {
		return false
	}
	end, err := strconv.ParseInt(text, 10, 64)
	return err == nil && now.Before(time.Unix(end, 0))
}

// login shows the form, and checks the token that a person entered.
func (g *gate) login(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Method == http.MethodGet:
		writeForm(w, http.StatusOK, "")
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		writeProblem(w, http.StatusMethodNotAllowed, "%s has GET and POST only", loginPath)
	case !g.keys.isToken(strings.TrimSpace(r.PostFormValue("token"))):
		writeForm(w, http.StatusForbidden, `<p role="alert">This is not the token of the watch.</p>`)
	default:
		http.SetCookie(w, &http.Cookie{
			Name: g.keys.cookie, Value: g.keys.session(g.now().Add(sessionPeriod)), Path: "/", MaxAge: int(sessionPeriod.Seconds()),
			HttpOnly: true, SameSite: http.SameSiteStrictMode,
			Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
		})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// form is the page of the login. It has no style and no script, as the policy demands.
const form = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>fleet watch: log in</title></head>
<body>
<main>
<h1>fleet watch</h1>
%s
<form method="post" action="` + loginPath + `">
<p><label for="token">Token, as in the file of --listen-token-file</label></p>
<p><input id="token" name="token" type="password" autocomplete="current-password" required autofocus> <button>Log in</button></p>
</form>
</main>
</body>
</html>
`

func writeForm(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, form, message)
}
