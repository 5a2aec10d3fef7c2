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

// Scripts are the scripted responses of sandboxes. The zero value has none. They are
// not part of the state file. They are not safe for concurrent use.
type Scripts struct {
	commands []*commandRule
	previews []*PreviewRule
	logs     []*logRule
}

// InitialLog is the log of every sandbox without scripts.
const InitialLog = "ready\n"

// rule restricts a script to some sandboxes and a number of responses.
type rule struct {
	Sandbox pattern `json:"sandbox"` // name or id
	Delay   delay   `json:"delay"`   // before the response
	Count   int     `json:"count"`   // number of responses; 0 means unlimited
	used    int
}

// exhausted reports whether the rule has given all its responses.
func (r *rule) exhausted() bool { return r.Count > 0 && r.used >= r.Count }

// applies reports whether the rule matches the sandbox and is not exhausted.
func (r *rule) applies(sb *world.Sandbox) bool {
	return !r.exhausted() && (r.Sandbox.matches(sb.Name) || r.Sandbox.matches(sb.ID))
}

// commandRule is the response to matching commands.
type commandRule struct {
	rule
	Command  pattern `json:"command"`
	ExitCode int     `json:"exitCode"`
	Output   string  `json:"output"`
}

// PreviewRule is the response to matching requests to ports of sandboxes.
type PreviewRule struct {
	rule
	Port   int     `json:"port"` // 0 means any
	Path   pattern `json:"path"`
	Status int     `json:"status"` // 200 by default
	Body   string  `json:"body"`
}

// logRule appends a text to logs.
type logRule struct {
	Sandbox pattern `json:"sandbox"`
	Text    string  `json:"text"`
}

// Run returns the output of a command line: that of the first matching rule, or else
// that of the few commands which are interpreted.
func (s *Scripts) Run(sb *world.Sandbox, line string) Output {
	line = shellScript(line)
	if r := s.ruleFor(sb, line); r != nil {
		return Output{r.ExitCode, r.Output, time.Duration(r.Delay)}
	}
	return interpret(line)
}

// ruleFor uses the first rule that matches a command, or returns nil.
func (s *Scripts) ruleFor(sb *world.Sandbox, command string) *commandRule {
	for _, r := range s.commands {
		if r.applies(sb) && r.Command.matches(command) {
			r.used++
			return r
		}
	}
	return nil
}

// Preview returns the first rule that matches a request, or the default response.
func (s *Scripts) Preview(sb *world.Sandbox, port int, path string) *PreviewRule {
	for _, r := range s.previews {
		if r.applies(sb) && (r.Port == 0 || r.Port == port) && r.Path.matches(path) {
			r.used++
			return r
		}
	}
	return &PreviewRule{Status: http.StatusOK, Body: "ok\n"}
}

// Log returns the log of a sandbox.
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

// HandleControl adds a rule or removes all rules of a kind. It returns false for other
// control requests.
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

// appendRule parses a rule and appends it. Unknown fields are an error.
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
		return rules, world.BadRequest("%d is not a response status", p.Status)
	}
	return append(rules, r), nil
}

// pattern is a pattern of path.Match in which * also matches slashes. An empty pattern
// matches everything.
type pattern string

// noSlash replaces slashes, so that path.Match treats them like other characters.
var noSlash = strings.NewReplacer("/", "\x00")

func (p pattern) matches(text string) bool {
	ok, err := path.Match(noSlash.Replace(string(p)), noSlash.Replace(text))
	return p == "" || ok && err == nil
}

// UnmarshalJSON returns an error if the pattern is malformed.
func (p *pattern) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, (*string)(p)); err != nil {
		return err
	}
	if _, err := path.Match(noSlash.Replace(string(*p)), ""); err != nil {
		return fmt.Errorf("%q is not a valid pattern", string(*p))
	}
	return nil
}

// delay is a duration, in JSON a text such as 2s.
type delay time.Duration

// UnmarshalJSON parses the delay with time.ParseDuration.
func (d *delay) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	if err != nil || parsed < 0 {
		return fmt.Errorf("%q is not a duration, such as 2s", text)
	}
	*d = delay(parsed)
	return nil
}
