package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// Fault is a parsed fault. Either Disruption has a kind, or Set is not nil. The zero
// value has no effect.
type Fault struct {
	Disruption Disruption                // a fault of requests
	Fields     []string                  // JSON names of the fields of the organisation
	Set        func(*world.Organization) // sets these fields
}

// syntax describes the input of Parse. Words in capitals are placeholders.
const syntax = `  STATUS [METHOD] [PATH] [OPTION...]       return an error without effect, such as 503 POST /sandbox rate=0.1
  html|hang|reset-before [METHOD] [PATH] [OPTION...]   return a page, hang, or close the connection without effect
  reset-after|truncate [METHOD] [PATH] [OPTION...]     lose the response, or half of it, after the effect
  reset-upload [METHOD] /s3... [bytes=N] [OPTION...]   close the connection after N bytes of the body, without effect
  runner-fail [METHOD] [PATH] [OPTION...]  the transition that the request starts fails (default: creations of sandboxes)
  list-lag DURATION                        the list of sandboxes lags behind the writes
  snapshot-spread DURATION                 time until a built snapshot can be used after it is active
  build-race DURATION                      creations with the same new build collide in this time
  event-loss|event-double|event-shuffle|event-disconnect [rate=0..1] [seed=N]   lose events, or send them twice, or after the next one; close the connections after one
  event-late DURATION [rate=0..1] [seed=N] send events late
  event-refuse                             refuse all connections for events
  rate-limit CLASS=CALLS/DURATION...       such as sandbox-create=20/2s
  quota NAME=NUMBER...                     cpu, memory, disk, max-cpu, max-memory, max-disk, max-cpu-per-gpu, max-memory-per-gpu, max-disk-per-gpu, snapshots, volumes
  any-size                                 no limits of a single sandbox
  suspended [REASON]
  maintenance
  no-runners
  resize-disabled
  untold-limits                            rate limits hold, but nothing reports them
OPTION is count=N, rate=0..1, seed=N, retry-after=SECONDS, code=CODE, recoverable=true or, as the last, message=TEXT.
PATH is below /api: a prefix, or a pattern with *. /s3 begins the paths of the object storage, whose errors have a CODE.`

// Parse parses one line, such as the value of a command-line flag:
//
//	503 POST /sandbox rate=0.1
//	reset-after POST /sandbox count=2
//	list-lag 2s
//	rate-limit sandbox-create=20/2s
//
// An error lists all faults.
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
			return Fault{}, fmt.Errorf("%d is not an error status (400 to 599)", status)
		}
		return parseDisruption(Disruption{Kind: KindStatus, Status: status}, rest)
	}
	if slices.Contains(kinds, kind) && kind != KindStatus {
		return parseDisruption(Disruption{Kind: kind}, rest)
	}
	if parse := settingParsers[kind]; parse != nil {
		return parse(rest)
	}
	return Fault{}, fmt.Errorf("unknown kind %q", kind)
}

// parseDisruption parses the method, the path and the options of a fault.
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
			err = fmt.Errorf("%q is not a method, a path or an option", word)
		}
		if err != nil {
			return Fault{}, err
		}
	}
	return Fault{Disruption: d}, nil
}

// setOption parses one option, such as count=2.
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
	case "code":
		d.Code = value
	case "bytes":
		var bytes uint64
		bytes, err = strconv.ParseUint(value, 10, 62)
		d.Bytes = int64(bytes)
	case "recoverable":
		d.Recoverable, err = strconv.ParseBool(value)
	default:
		err = fmt.Errorf("unknown option %s", key)
	}
	return err
}
