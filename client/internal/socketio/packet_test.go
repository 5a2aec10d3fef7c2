package socketio

import (
	"encoding/json"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Packet{
		`0{"sid":"a"}`:               {Kind: Open, Data: `{"sid":"a"}`},
		"1":                          {Kind: Close},
		"2":                          {Kind: Ping},
		"2probe":                     {Kind: Ping, Data: "probe"},
		"3":                          {Kind: Pong},
		"6":                          {Kind: Noop},
		"40":                         {Kind: Connect, Namespace: "/"},
		`40{"sid":"a"}`:              {Kind: Connect, Namespace: "/", Data: `{"sid":"a"}`},
		"40/admin,":                  {Kind: Connect, Namespace: "/admin"},
		"41":                         {Kind: Disconnect, Namespace: "/"},
		"41/admin":                   {Kind: Disconnect, Namespace: "/admin"},
		`42["a",{"b":"/c,1-"}]`:      {Kind: Emit, Namespace: "/", Data: `["a",{"b":"/c,1-"}]`},
		`4217["a"]`:                  {Kind: Emit, Namespace: "/", Data: `["a"]`},
		`42/admin,17["a"]`:           {Kind: Emit, Namespace: "/admin", Data: `["a"]`},
		`4317[]`:                     {Kind: Ack, Namespace: "/", Data: `[]`},
		`44{"message":"no"}`:         {Kind: ConnectError, Namespace: "/", Data: `{"message":"no"}`},
		`451-["a",{"num":0}]`:        {Kind: BinaryEvent, Namespace: "/", Data: `["a",{"num":0}]`},
		`461-/admin,17[{"num":0}]`:   {Kind: BinaryAck, Namespace: "/admin", Data: `[{"num":0}]`},
		"":                           {},
		"4":                          {},
		"7":                          {},
		"49":                         {},
		`42["a"`:                     {},
		`42["a"]x`:                   {},
		`45["a"]`:                    {},
		`45-["a"]`:                   {},
		`45999999999999999999-["a"]`: {},
		"\x004":                      {},
	} {
		got, err := Parse(text)
		if got != want || (err != nil) != (want == Packet{}) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

func TestEvent(t *testing.T) {
	for text, want := range map[string]string{
		`42["a",{"b":1},2]`: `a {"b":1}`,
		`42["a"]`:           "a ",
		`42["",null]`:       " null",
		`42[]`:              "",
		`42`:                "",
		`42[1,2]`:           "",
		`42[null,2]`:        "",
		`42{"a":1}`:         "",
		`42null`:            "",
		`451-["a"]`:         "",
		`44["a"]`:           "",
	} {
		p, err := Parse(text)
		name, argument, ok := p.Event()
		got := ""
		if ok {
			got = name + " " + string(argument)
		}
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
}

// FuzzPacket: any text of a server is a packet or an error, and what is returned can
// be used as it is.
func FuzzPacket(f *testing.F) {
	for _, text := range []string{`0{"sid":"a"}`, "2probe", "40", `42["a",{"b":1}]`, `42/admin,17["a"]`, `451-["a",{"num":0}]`, `44{"message":"no"}`, "42[[[[", `42["\ud800"]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			if p != (Packet{}) {
				t.Errorf("%+v with %v", p, err)
			}
			return
		}
		if p.Kind == "" || len(p.Data) > len(text) {
			t.Errorf("%q: %+v", text, p)
		}
		if p.Namespace != "" && p.Data != "" && !json.Valid([]byte(p.Data)) {
			t.Errorf("%q: the data is not JSON", text)
		}
		if _, argument, ok := p.Event(); ok && argument != nil && !json.Valid(argument) {
			t.Errorf("%q: the argument is not JSON", text)
		}
		_, _ = silenceOf(p)
		_ = reasonOf(p)
	})
}
