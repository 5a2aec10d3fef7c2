package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// Fault is trouble that a person ordered in one line of text. The zero one does
// nothing.
type Fault struct {
	Disruption Disruption                // trouble with requests, when it has a kind
	Fields     []string                  // or else the fields of the organisation
	Set        func(*world.Organization) // that this sets
}

// syntax is what Parse reads; the words in capitals stand for values.
const syntax = `  STATUS [METHOD] [PATH] [OPTION...]       an error instead of the effect, such as 503 POST /sandbox rate=0.1
  html|hang|reset-before [METHOD] [PATH] [OPTION...]   a page, nothing, or an ended connection instead of the effect
  reset-after|truncate [METHOD] [PATH] [OPTION...]     the effect, but a spoilt answer
  runner-fail [METHOD] [PATH] [OPTION...]  the transition that the request begins fails (default: creates of sandboxes)
  list-lag DURATION                        the list of sandboxes trails the writes
  snapshot-spread DURATION                 a built snapshot cannot be used for so long after it is active
  rate-limit CLASS=CALLS/DURATION...       such as sandbox-create=20/2s
  quota NAME=NUMBER...                     cpu, memory, disk, max-cpu, max-memory, max-disk, snapshots, volumes
  suspended [REASON]
  maintenance
  no-runners
  resize-disabled
OPTION is count=N, rate=0..1, seed=N, retry-after=SECONDS, recoverable=true or, as the last, message=TEXT.
PATH is below /api: the beginning of one, or a pattern with * in it.`

// Parse reads one line, such as the value of a command-line flag:
//
//	503 POST /sandbox rate=0.1
//	reset-after POST /sandbox count=2
//	runner-fail
//	list-lag 2s
//	quota cpu=10
//	rate-limit sandbox-create=20/2s
//	suspended
//	maintenance
//
// An error lists everything that is known.
func Parse(text string) (Fault, error) {
	f, err := parse(strings.TrimSpace(text))
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w; known are:\n%s", text, err, syntax)
	}
	return f, nil
}

func parse(text string) (Fault, error) {
	kind, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	if status, err := strconv.Atoi(kind); err == nil {
		if status < 400 || status > 599 {
			return Fault{}, fmt.Errorf("%d is no status of an error", status)
		}
		return parseDisruption(Disruption{Kind: KindStatus, Status: status}, rest)
	}
	if slices.Contains(kinds, kind) && kind != KindStatus {
		return parseDisruption(Disruption{Kind: kind}, rest)
	}
	if parse := settingParsers[kind]; parse != nil {
		return parse(rest)
	}
	return Fault{}, fmt.Errorf("%q is not known", kind)
}

// parseDisruption reads which requests are struck, and how often.
func parseDisruption(d Disruption, rest string) (Fault, error) {
	head, message, _ := strings.Cut(" "+rest, " message=")
	d.Message = strings.TrimSpace(message)
	for word := range strings.FieldsSeq(head) {
		key, value, isOption := strings.Cut(word, "=")
		var err error
		switch {
		case strings.HasPrefix(word, "/") && d.Path == "":
			d.Path = word
		case isOption:
			err = d.setOption(key, value)
		case strings.ToUpper(word) == word && d.Method == "" && d.Path == "":
			d.Method = word
		default:
			err = fmt.Errorf("%q is neither a method, a path nor an option", word)
		}
		if err != nil {
			return Fault{}, err
		}
	}
	return Fault{Disruption: d}, nil
}

func (d *Disruption) setOption(key, value string) (err error) {
	switch key {
	case "count":
		d.Count, err = strconv.Atoi(value)
		if err == nil && d.Count < 1 {
			err = fmt.Errorf("count=%s must be at least 1", value)
		}
	case "rate":
		var rate float64
		rate, err = strconv.ParseFloat(value, 64)
		if err == nil && !(rate >= 0 && rate <= 1) {
			err = fmt.Errorf("rate=%s must be from 0 to 1", value)
		}
		d.Rate = &rate
	case "seed":
		d.Seed, err = strconv.ParseUint(value, 10, 64)
	case "retry-after":
		_, err = strconv.ParseUint(value, 10, 31)
		d.Headers = map[string]string{"Retry-After": value}
	case "recoverable":
		d.Recoverable, err = strconv.ParseBool(value)
	default:
		err = fmt.Errorf("there is no option %s", key)
	}
	return err
}
