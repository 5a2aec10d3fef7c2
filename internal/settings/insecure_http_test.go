package settings

import (
	"os"
	"path/filepath"
	"testing"
)

func TestInsecureHTTP(t *testing.T) {
	for _, tt := range []struct {
		name           string
		process, file  string // values of the variable; empty if it is not set
		explicit, flag bool
		want, invalid  bool
	}{
		{name: "nothing set"},
		{name: "flag", flag: true, want: true},
		{name: "process", process: "1", want: true},
		{name: "process denies what a file allows", process: "0", file: "1", explicit: true},
		{name: "named file", file: "true", explicit: true, want: true},
		{name: "found file", file: "1"},
		{name: "flag wins over the environment", process: "0", flag: true, want: true},
		{name: "not a boolean", process: "perhaps", invalid: true},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, ".env")
		if tt.file != "" {
			if err := os.WriteFile(file, []byte(insecureHTTPVariable+"="+tt.file+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		e, err := FindFiles(dir)
		if tt.explicit {
			e, err = ReadFiles(t.Context(), []string{file})
		}
		if err != nil {
			t.Fatal(err)
		}
		process := func(string) (string, bool) { return tt.process, tt.process != "" }
		got, err := e.InsecureHTTP(process, tt.flag)
		if got != tt.want || (err != nil) != tt.invalid {
			t.Errorf("%s: %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}
