package jsonschema

import "testing"

func TestAnyCase(t *testing.T) {
	for form, want := range map[string]string{"^A-?[a-z]x$": "^[aA]-?[a-zA-Z][xX]$", `\.[0-9a-f]{8}b`: `\.[0-9a-fA-F]{8}[bB]`} {
		if got := AnyCase(form); got != want {
			t.Errorf("%s: got %s, want %s", form, got, want)
		}
	}
}
