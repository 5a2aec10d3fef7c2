package socketio

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// Kind is the kind of a packet: of Engine.IO, or of Socket.IO in a message of it.
type Kind string

// The kinds of packets.
const (
	Open         Kind = "open" // Data holds the handshake
	Close        Kind = "close"
	Ping         Kind = "ping" // Data is returned with the Pong
	Pong         Kind = "pong"
	Upgrade      Kind = "upgrade"
	Noop         Kind = "noop"
	Connect      Kind = "connect"
	Disconnect   Kind = "disconnect"
	Emit         Kind = "event" // Data is an array: the name, and the arguments
	Ack          Kind = "ack"
	ConnectError Kind = "connect error"
	BinaryEvent  Kind = "binary event"
	BinaryAck    Kind = "binary ack"
)

// prefixes are the kinds by their first characters. A message of Engine.IO has the
// prefix 4, which that of Socket.IO follows.
var prefixes = map[string]Kind{
	"0": Open, "1": Close, "2": Ping, "3": Pong, "5": Upgrade, "6": Noop,
	"40": Connect, "41": Disconnect, "42": Emit, "43": Ack, "44": ConnectError, "45": BinaryEvent, "46": BinaryAck,
}

// DefaultNamespace is the namespace of packets that name none.
const DefaultNamespace = "/"

// A Packet is one packet.
type Packet struct {
	Kind      Kind
	Namespace string // of a packet of Socket.IO
	Data      string // what follows; JSON in packets of Socket.IO, "" for none
}

// errPacket is the error of a text that is not a packet.
var errPacket = errors.New("not a packet of Socket.IO")

// Parse parses the text of a WebSocket message.
func Parse(text string) (Packet, error) {
	n := min(1, len(text))
	if strings.HasPrefix(text, "4") {
		n = min(2, len(text))
	}
	kind, ok := prefixes[text[:n]]
	if !ok {
		return Packet{}, errPacket
	}
	if n < 2 {
		return Packet{Kind: kind, Data: text[n:]}, nil
	}
	return parseMessage(kind, text[n:])
}

// parseMessage parses a packet of Socket.IO after its kind: the number of attachments,
// the namespace, the id for an acknowledgement, and the data. All of them are optional.
func parseMessage(kind Kind, rest string) (Packet, error) {
	p := Packet{Kind: kind, Namespace: DefaultNamespace}
	if kind == BinaryEvent || kind == BinaryAck {
		count, after, found := strings.Cut(rest, "-")
		if _, err := strconv.ParseUint(count, 10, 31); !found || err != nil {
			return Packet{}, errPacket
		}
		rest = after
	}
	if strings.HasPrefix(rest, "/") {
		p.Namespace, rest, _ = strings.Cut(rest, ",")
	}
	p.Data = strings.TrimLeft(rest, "0123456789")
	if p.Data != "" && !json.Valid([]byte(p.Data)) {
		return Packet{}, errPacket
	}
	return p, nil
}

// Event returns the name and the first argument of an event. The argument is nil if
// there is none. ok is false if the packet holds no event.
func (p Packet) Event() (name string, argument json.RawMessage, ok bool) {
	var parts []json.RawMessage
	if p.Kind != Emit || json.Unmarshal([]byte(p.Data), &parts) != nil || len(parts) == 0 {
		return "", nil, false
	}
	if parts[0][0] != '"' || json.Unmarshal(parts[0], &name) != nil {
		return "", nil, false
	}
	if len(parts) > 1 {
		argument = parts[1]
	}
	return name, argument, true
}
