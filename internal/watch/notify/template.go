package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"fleet/internal/input"
	"fleet/internal/journal"
)

// Bounds of templates and of their output, in bytes.
const (
	maxTemplate = 64 << 10
	maxPayload  = 64 << 10
)

// SlackTemplate is the name of the built-in template for incoming webhooks of Slack and
// of what accepts their form, such as Mattermost.
const SlackTemplate = "slack"

// slackTemplate writes one line of text, whose special characters cannot mention anyone.
const slackTemplate = `{"text": {{ .Data.Text | slack | json }}}`

// A Template writes the payload of notifications. The nil *Template writes them as JSON.
type Template struct{ parsed *template.Template }

// LoadTemplate returns the built-in template with the name, or else reads a file in the
// language of Go's text/template. Its data is a [Notification]; the function json writes
// a value as JSON, and slack escapes text for Slack. The template is tried on a notification of each type.
func LoadTemplate(ctx context.Context, name string) (*Template, error) {
	if name == SlackTemplate {
		return ParseTemplate(name, slackTemplate)
	}
	text, err := input.ReadNamed(ctx, name, maxTemplate)
	if err != nil {
		return nil, err
	}
	return ParseTemplate(name, string(text))
}

// ParseTemplate is [LoadTemplate] for a text.
func ParseTemplate(name, text string) (*Template, error) {
	parsed, err := template.New(name).Funcs(template.FuncMap{"json": toJSON, "slack": escapeSlack}).Parse(text)
	if err != nil {
		return nil, err
	}
	t := &Template{parsed}
	for _, n := range samples() {
		if _, _, err := t.payload(n); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// payload returns the body of a notification and its media type.
func (t *Template) payload(n Notification) (body []byte, mediaType string, err error) {
	if t == nil {
		body, err = json.Marshal(n)
		return body, "application/json", err
	}
	b := &boundedBuffer{}
	if err := t.parsed.Execute(b, n); err != nil {
		return nil, "", fmt.Errorf("webhook template: %w", err)
	}
	if json.Valid(b.Bytes()) {
		return b.Bytes(), "application/json", nil
	}
	return b.Bytes(), "text/plain; charset=utf-8", nil
}

// A boundedBuffer refuses to grow beyond maxPayload.
type boundedBuffer struct{ bytes.Buffer }

var errPayload = errors.New("it writes more than " + input.FormatSize(maxPayload))

// Write appends p, or fails if there is too much.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxPayload {
		return 0, errPayload
	}
	return b.Buffer.Write(p)
}

func toJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// escapeSlack escapes the characters that have a meaning in Slack's texts.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// samples returns a notification of each type.
func samples() []Notification {
	head, at := journal.Head{Fleet: "sample"}, time.Unix(0, 0)
	return []Notification{
		ofTest(head, at),
		ofPass(head, journal.Pass{Number: 1, Cause: "start", Outcome: journal.Changed, Start: at, End: at}, false),
		ofPlan(head, journal.Plan{Digest: "sample"}, at),
		ofAlarm(head, journal.Alarm{Name: "sample", Since: at}),
		ofAlarm(head, journal.Alarm{Name: "sample", Since: at, Until: at.Add(time.Second)}),
	}
}
