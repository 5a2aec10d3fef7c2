package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"fleet/internal/journal"
)

// The places of index.html that [Write] replaces.
var (
	scriptLink = regexp.MustCompile(`<script (?:defer )?src="([a-z]+\.js)"></script>\n`)
	styleLink  = regexp.MustCompile(`<link rel="stylesheet" href="([a-z]+\.css)">\n`)
	iconLink   = regexp.MustCompile(`<link rel="icon"[^>]*>\n`)
	charset    = "<meta charset=\"utf-8\">\n"
	bodyEnd    = "</body>"
)

// Write writes the page with a state in it as one HTML file, which needs no server and
// loads nothing. Its Content-Security-Policy allows only the scripts and the style of
// fleet, by their digests, so that no text of the state can be run.
func Write(w io.Writer, state journal.State) error {
	data, err := json.Marshal(state) // it escapes <, > and &, so that the text does not end the element
	if err != nil {
		return fmt.Errorf("encoding the state: %w", err)
	}
	_, err = w.Write(inlined(data))
	return err
}

// inlined returns the page with its files and some data in it.
func inlined(data []byte) []byte {
	var scripts, styles []string
	var bodies bytes.Buffer
	page := scriptLink.ReplaceAllFunc(asset("index.html"), func(link []byte) []byte {
		text := asset(string(scriptLink.FindSubmatch(link)[1]))
		scripts = append(scripts, digest(text))
		element := fmt.Appendf(nil, "<script>%s</script>\n", text)
		if !bytes.Contains(link, []byte(" defer ")) {
			return element
		}
		bodies.Write(element) // it runs when the page is read
		return nil
	})
	page = styleLink.ReplaceAllFunc(page, func(link []byte) []byte {
		text := asset(string(styleLink.FindSubmatch(link)[1]))
		styles = append(styles, digest(text))
		return fmt.Appendf(nil, "<style>%s</style>\n", text)
	})
	page = iconLink.ReplaceAll(page, nil)
	policy := fmt.Sprintf(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src %s; style-src %s; base-uri 'none'; form-action 'none'">`,
		strings.Join(scripts, " "), strings.Join(styles, " "))
	page = bytes.Replace(page, []byte(charset), []byte(charset+policy+"\n"), 1)
	end := fmt.Appendf(nil, "<script type=\"application/json\" id=\"state-of-report\">%s</script>\n%s%s", data, bodies.Bytes(), bodyEnd)
	return bytes.Replace(page, []byte(bodyEnd), end, 1)
}

// digest returns the source expression that allows an inline element.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
