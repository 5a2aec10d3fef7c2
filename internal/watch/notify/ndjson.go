package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"fleet/internal/journal"
)

// eventsAlarm is the alarm of events that cannot be written.
const eventsAlarm = "events-not-written"

// A lostEvents is the line in place of events that were forgotten before they were
// written.
type lostEvents struct {
	Kind string `json:"kind"` // events.lost
	Lost uint64 `json:"lost"`
}

// WriteEvents writes the events of a journal to w, one JSON object a line, until ctx
// ends. It writes whole lines, and several at once if they come at once. Events that
// cannot be written are lost, and an alarm lasts until the next ones can be.
func WriteEvents(ctx context.Context, j *journal.Journal, w io.Writer) {
	torn := false // the last line has no end
	follow(ctx, j, func(events []journal.Event, lost uint64) {
		var b bytes.Buffer
		if torn {
			b.WriteByte('\n')
		}
		encodeEvents(&b, events, lost)
		n, err := w.Write(b.Bytes())
		if err != nil {
			torn = torn && n == 0 || n > 0 && b.Bytes()[n-1] != '\n'
			j.Raise(eventsAlarm, fmt.Sprintf("events cannot be written: %v", err))
			return
		}
		torn = false
		j.Clear(eventsAlarm)
	})
}

// encodeEvents writes events as lines.
func encodeEvents(b *bytes.Buffer, events []journal.Event, lost uint64) {
	lines := json.NewEncoder(b)
	lines.SetEscapeHTML(false)
	if lost > 0 {
		_ = lines.Encode(lostEvents{Kind: "events.lost", Lost: lost}) // a buffer accepts all
	}
	for _, e := range events {
		_ = lines.Encode(e)
	}
}
