package toolbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// scripts say what happens in sandboxes, in which nothing runs. They are never
// written to the state file.
type Scripts struct {
	commands []*commandRule
	previews []*PreviewRule
	logs     []*logRule
}

// initialLog is what every sandbox has written.
const InitialLog = "ready\n"

// rule is when a rule holds and how long.
type rule struct {
	Sandbox pattern `json:"sandbox"` // its name or id
	Delay   delay   `json:"delay"`   // before the answer
	Count   int     `json:"count"`   // of the answers that it gives; 0 is until cleared
	used    int
}

func (r *rule) exhausted() bool { return r.Count > 0 && r.used >= r.Count }

// applies is true of a rule about this sandbox that has answers left.
func (r *rule) applies(sb *world.Sandbox) bool {
	return !r.exhausted() && (r.Sandbox.matches(sb.Name) || r.Sandbox.matches(sb.ID))
}

// commandRule answers commands.
type commandRule struct {
	rule
	Command  pattern `json:"command"`
	ExitCode int     `json:"exitCode"`
	Output   string  `json:"output"`
}

// PreviewRule answers requests for what would run in sandboxes.
type PreviewRule struct {
	rule
	Port   int     `json:"port"` // 0 is any
	Path   pattern `json:"path"`
	Status int     `json:"status"` // default 200
	Body   string  `json:"body"`
}

// logRule adds to logs.
type logRule struct {
	Sandbox pattern `json:"sandbox"`
	Text    string  `json:"text"`
}

// run is what comes of a line: by the first rule that holds, or else as far as it
// is understood.
func (s *Scripts) Run(sb *world.Sandbox, line string) Output {
	line = shellScript(line)
	for _, r := range s.commands {
		if r.applies(sb) && r.Command.matches(line) {
			r.used++
			return Output{r.ExitCode, r.Output, time.Duration(r.Delay)}
		}
	}
	return interpret(line)
}

// preview is the rule for a request, or a new one that is the default.
func (s *Scripts) Preview(sb *world.Sandbox, port int, path string) *PreviewRule {
	for _, r := range s.previews {
		if r.applies(sb) && (r.Port == 0 || r.Port == port) && r.Path.matches(path) {
			r.used++
			return r
		}
	}
	return &PreviewRule{Status: http.StatusOK, Body: "ok\n"}
}

func (s *Scripts) Log(sb *world.Sandbox) string {
	text := InitialLog
	for _, l := range s.logs {
		if !l.Sandbox.matches(sb.Name) && !l.Sandbox.matches(sb.ID) {
			continue
		}
		text += l.Text
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
	}
	return text
}

// handleControl adds a rule or clears all of a kind. known is false of other orders.
func (s *Scripts) HandleControl(method, kind string, raw []byte) (known bool, err error) {
	switch method + " " + kind {
	case "POST toolbox":
		s.commands, err = appendRule(s.commands, raw)
	case "DELETE toolbox":
		s.commands = nil
	case "POST previews":
		s.previews, err = appendRule(s.previews, raw)
	case "DELETE previews":
		s.previews = nil
	case "POST logs":
		s.logs, err = appendRule(s.logs, raw)
	case "DELETE logs":
		s.logs = nil
	default:
		return false, nil
	}
	return true, err
}

// appendRule reads one rule more. A misspelt field does not go unnoticed.
func appendRule[R any](rules []*R, raw []byte) ([]*R, error) {
	r := new(R)
	if p, ok := any(r).(*PreviewRule); ok {
		p.Status = http.StatusOK
	}
	fields := json.NewDecoder(bytes.NewReader(raw))
	fields.DisallowUnknownFields()
	if err := fields.Decode(r); err != nil {
		return rules, world.BadRequest("%v", err)
	}
	if p, ok := any(r).(*PreviewRule); ok && (p.Status < 200 || p.Status > 599) {
		return rules, world.BadRequest("%d is no status of an answer", p.Status)
	}
	return append(rules, r), nil
}

// pattern is one of path.Match whose * matches slashes too; empty matches all.
type pattern string

// noSlash makes a slash a character like others.
var noSlash = strings.NewReplacer("/", "\x00")

func (p pattern) matches(text string) bool {
	ok, err := path.Match(noSlash.Replace(string(p)), noSlash.Replace(text))
	return p == "" || ok && err == nil
}

// UnmarshalJSON refuses what is no pattern.
func (p *pattern) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*string)(p)); err != nil {
		return err
	}
	if _, err := path.Match(noSlash.Replace(string(*p)), ""); err != nil {
		return fmt.Errorf("%q is no pattern", string(*p))
	}
	return nil
}

// delay is a duration as text, such as 2s.
type delay time.Duration

// UnmarshalJSON reads the form of time.ParseDuration.
func (d *delay) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	if err != nil || parsed < 0 {
		return fmt.Errorf("%q is no duration such as 2s", text)
	}
	*d = delay(parsed)
	return nil
}
