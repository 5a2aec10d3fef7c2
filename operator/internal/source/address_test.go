package source

import "testing"

// TestNormalAddress: what names the same server has one spelling, and what may name another
// one keeps its own.
func TestNormalAddress(t *testing.T) {
	for want, spellings := range map[string][]string{
		"https://daytona.example/api": {
			"https://daytona.example/api", "https://daytona.example/api/", "https://daytona.example/api//", "https://DAYTONA.example/api",
			"https://daytona.example:443/api", "https://daytona.example:/api", "https://daytona.example:0443/api", "HTTPS://daytona.example/api",
			"https://daytona.example./api", "https://daytona.example//api", "https://daytona.example/./api", "https://daytona.example/x/../api",
			"https://daytona.example/%61pi", " https://daytona.example/api\n",
		},
		"https://daytona.example":           {"https://daytona.example", "https://daytona.example/", "https://daytona.example:443"},
		"http://127.0.0.1:3000/api":         {"http://127.0.0.1:3000/api", "http://127.0.0.1:03000/api/"},
		"http://localhost/api":              {"http://localhost:80/api", "http://LocalHost/api"},
		"https://[::1]/api":                 {"https://[::1]:443/api", "https://[0:0:0:0:0:0:0:1]/api"},
		"https://[::1]:80/api":              {"https://[::1]:80/api"},
		"https://xn--bcher-kva.example/api": {"https://bücher.example/api", "https://BÜCHER.example/api", "https://xn--bcher-kva.example/api"},
		"https://daytona.example/API":       {"https://daytona.example/API"},
		"https://daytona.example:80/api":    {"https://daytona.example:80/api"},
		"https://daytona.example/a%2Fb":     {"https://daytona.example/a%2fb", "https://daytona.example/%61%2Fb/"},
		"https://daytona.example/a%20b":     {"https://daytona.example/a%20b", "https://daytona.example/a b"},
		"https://daytona.example/api?x=1":   {"https://daytona.example/api/?x=1"}, // refused later
		"https://u:p@daytona.example/api":   {"https://u:p@daytona.example/api"},  // refused later
		"daytona.example/api":               {"daytona.example/api"},
		"https://":                          {"https://"},
		"https://daytona.example/%zz":       {"https://daytona.example/%zz"},
	} {
		for _, s := range spellings {
			if got := normalAddress(s); got != want {
				t.Errorf("%q is %q, want %q", s, got, want)
			} else if again := normalAddress(got); again != got {
				t.Errorf("%q is %q, and then %q", s, got, again)
			}
		}
	}
}

// FuzzNormalAddress: the spelling is stable.
func FuzzNormalAddress(f *testing.F) {
	for _, s := range []string{"https://h/api/", "http://[::1%25eth0]:80//a/../%2f", "https://h./%00", "https://ß.example:0/", "https://%41/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := normalAddress(s); normalAddress(once) != once {
			t.Errorf("%q is %q, and then %q", s, once, normalAddress(once))
		}
	})
}
