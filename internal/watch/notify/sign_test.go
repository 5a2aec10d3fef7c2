package notify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	for text, want := range map[string]int{
		testSecret: 1, " " + testSecret + "\n": 1, testSecret + "\n" + testSecret: 2, strings.TrimPrefix(testSecret, "whsec_"): 1,
		"": 0, "whsec_": 0, "hunter2-hunter2": 0, "whsec_aHVudGVyMg==": 0, testSecret + " short": 0,
		"whsec_" + strings.Repeat("AAAA", 22): 0,
	} {
		list, err := ParseSecrets(text)
		if len(list) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, list, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", err)
		}
		if shown := fmt.Sprintf("%v %+v %#v", list, list, list); strings.Contains(shown, "49") {
			t.Errorf("shown: %s", shown)
		}
	}
}

func TestLoadSecrets(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good, wrong := write("good", testSecret+"\n"+testSecret+"\n"), write("wrong", "hunter2")
	huge := write("huge", strings.Repeat(testSecret+"\n", 1000))
	for _, test := range []struct {
		file, text string
		want       int
		err        string // "" for none
	}{
		{"", "", 0, ""},
		{"", testSecret, 1, ""},
		{good, "ignored", 2, ""},
		{"", "hunter2", 0, "webhook secret 1 is not whsec_"},
		{wrong, "", 0, wrong + ": webhook secret 1 is not whsec_"},
		{huge, "", 0, "huge"},
		{filepath.Join(dir, "none"), testSecret, 0, "none"},
	} {
		list, err := LoadSecrets(t.Context(), test.file, test.text)
		if len(list) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%+v: %d secrets, %v", test, len(list), err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("shown: %v", err)
		}
	}
}
