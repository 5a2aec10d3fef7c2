package dotenv

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestCases compares Parse with the results of the two libraries: the same value if they
// agree, and a problem if they do not.
func TestCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Versions map[string]string
		Cases    []struct {
			Text        string
			NPM, Python map[string]*string
		}
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases of dotenv %s and python-dotenv %s", len(table.Cases), table.Versions["npm"], table.Versions["python"])
	for _, c := range table.Cases {
		f, err := Parse([]byte(c.Text), "")
		if err != nil {
			t.Errorf("%q: %v", c.Text, err)
			continue
		}
		if bom, ok := c.Python["\ufeffA"]; ok && strings.HasPrefix(c.Text, "\ufeff") {
			// This version of python-dotenv keeps a byte order mark in the first name; newer ones skip it.
			delete(c.Python, "\ufeffA")
			c.Python["A"] = bom
		}
		names := map[string]bool{}
		for name := range c.NPM {
			names[name] = true
		}
		for name := range c.Python {
			names[name] = true
		}
		if len(names) != len(f.Variables) {
			t.Errorf("%q: got %d names, want %d", c.Text, len(f.Variables), len(names))
		}
		for name := range names {
			npm, python := c.NPM[name], c.Python[name]
			v, _ := f.Lookup(name)
			switch agreed := npm != nil && python != nil && *npm == *python; {
			case agreed && (v.Problem != "" || v.Value != *npm):
				t.Errorf("%q: %s is %q (%s), both read %q", c.Text, name, v.Value, v.Problem, *npm)
			case !agreed && (v.Problem == "" || v.Value != ""):
				t.Errorf("%q: %s is %q, though the libraries disagree", c.Text, name, v.Value)
			}
		}
	}
}

// TestProblems checks the messages for unusable lines, and their lines.
func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		line    int
		problem string
	}{
		"comment":       {"X='a\nb'\nK_A=secret#def\n", 3, "npm dotenv ends its value at the #, python-dotenv does not; write K_A='VALUE' in single quotes"},
		"reference":     {"HOST=secret\nK_A=${HOST}\n", 2, "python-dotenv replaces ${NAME} in its value, npm dotenv does not; write the value itself"},
		"single quotes": {"K_A='${HOST:-secret}'\n", 1, "python-dotenv replaces ${NAME} in its value, npm dotenv does not; write the value itself"},
		"escape":        {"\n\nK_A=\"secret\\t\"\n", 3, "npm dotenv and python-dotenv read the backslashes in its value differently; write K_A='VALUE' in single quotes"},
		"backtick":      {"K_A=`secret`\n", 1, "npm dotenv and python-dotenv read its value differently; write K_A='VALUE' in single quotes"},
		"colon":         {"K_A: secret\n", 1, "only npm dotenv reads this line, python-dotenv does not; write K_A='VALUE' on a line of its own"},
		"quoted name":   {"'K_A'=secret\n", 1, "only python-dotenv reads this line, npm dotenv does not; write K_A='VALUE' on a line of its own"},
		"not closed":    {"K_A=\"secret\nB=1\n", 1, "only npm dotenv reads this line, python-dotenv does not; write K_A='VALUE' on a line of its own"},
		"no value":      {"A=1\r\nK_A\r\n", 2, "it has no value; write K_A='VALUE', or delete the line"},
		"no equals":     {"K_A:secret\n", 1, "it has no value; write K_A='VALUE', or delete the line"},
		"cleared":       {"K_A=secret\nexport K_A\n", 2, "npm dotenv and python-dotenv do not read the same line as its value; write K_A='VALUE' in single quotes"},
		"stray":         {"A=1\n\nexport K_A \"secret\"\n", 3, "it is not NAME=value; write K_A='VALUE'"},
		"separator":     {"# x\u2028K_A=secret\n", 1, "npm dotenv treats U+2028 and U+2029 as line breaks, python-dotenv does not; delete them"},
		"bytes":         {"A=\xff\nK_A=secret\xff\n", 2, "its value is not UTF-8; save the file as UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse([]byte(c.text), "K_")
			if err != nil {
				t.Fatal(err)
			}
			var got []Variable
			for _, v := range f.Variables {
				if strings.HasPrefix(v.Name, "K_") {
					got = append(got, v)
				}
			}
			if len(got) != 1 || got[0].Line != c.line || got[0].Problem != c.problem || got[0].Value != "" {
				t.Errorf("got %+v, want line %d: %s", got, c.line, c.problem)
			}
		})
	}
}

// TestLines checks that what is no variable of the prefix's is no problem, and
// that lines inside of a value are none of their own.
func TestLines(t *testing.T) {
	text := "nonsense $(\nOTHER='x\nK_A=inside\nK_A inside\n'\r\n#K_A inside\nK_A=a\nK_B=b # c\nexport\tK_C='c'\n"
	f, err := Parse([]byte(text), "K_")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Variable{{Name: "OTHER", Value: "x\nK_A=inside\nK_A inside\n", Line: 2}, {Name: "K_A", Value: "a", Line: 7}, {Name: "K_B", Value: "b", Line: 8}, {Name: "K_C", Value: "c", Line: 9}} {
		if got := f.Variables[i]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if len(f.Variables) != 4 {
		t.Errorf("got %+v", f.Variables)
	}
}

func TestWholeFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"UTF-16":              {"\xff\xfeA\x00=\x001\x00", "UTF-8"},
		"UTF-16 without mark": {"A\x00=\x001\x00", "UTF-8"},
		"too large":           {strings.Repeat("#", MaxSize+1), "larger than the limit of 1 MiB"},
	} {
		if _, err := Read(strings.NewReader(c.text), ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := Read(strings.NewReader(strings.Repeat("#", MaxSize)), ""); err != nil {
		t.Errorf("the largest file: %v", err)
	}
}

// FuzzDotenv holds the results to the text: names and lines are those of it, and
// a problem never comes with a value.
func FuzzDotenv(f *testing.F) {
	data, err := os.ReadFile("testdata/texts.json")
	if err != nil {
		f.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(data, &texts); err != nil {
		f.Fatal(err)
	}
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse([]byte(text), "A")
		if err != nil {
			return
		}
		text = strings.TrimPrefix(text, "\ufeff")
		lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(text, "\ufffd")), "\n")
		size := 0
		for _, v := range file.Variables {
			size += len(v.Value)
			first, _, _ := strings.Cut(v.Name, "\n") // python-dotenv reads quoted names of several lines
			if v.Line < 1 || v.Line > len(lines) || !strings.Contains(lines[v.Line-1], first) {
				t.Errorf("%q is not in line %d of %q", v.Name, v.Line, text)
			}
			if v.Problem != "" && v.Value != "" {
				t.Errorf("%q has a value and a problem in %q", v.Name, text)
			}
		}
		if size > len(text)*3 { // an invalid byte becomes three
			t.Errorf("%d bytes of values from %d", size, len(text))
		}
	})
}
