package page

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fleet/internal/journal"
)

// written returns a page as a file.
func written(t *testing.T, state journal.State) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, state); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWrite checks that the policy of the file allows exactly its own scripts and style,
// and that no text of the state ends the element with the data.
func TestWrite(t *testing.T) {
	state := newJournal(hostileObjects()).State()
	text := written(t, state)
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
	if policy == nil || strings.Contains(policy[1], "unsafe") || strings.Contains(policy[1], "'self'") {
		t.Fatalf("the policy is %q", policy)
	}
	inline := regexp.MustCompile(`(?s)<(?:script|style)>(.*?)</(?:script|style)>`).FindAllStringSubmatch(text, -1)
	if want := strings.Count(string(asset("index.html")), "<script ") + 1; len(inline) != want {
		t.Errorf("the file has %d scripts and styles, not %d", len(inline), want)
	}
	for _, element := range inline {
		if !strings.Contains(policy[1], digest([]byte(element[1]))) {
			t.Errorf("the policy does not allow %.60s", element[1])
		}
	}
	if links := regexp.MustCompile(`<link|<script src|<script defer`).FindAllString(text, -1); links != nil {
		t.Errorf("the file loads others: %q", links)
	}
	data := regexp.MustCompile(`(?s)id="state-of-report">(.*?)</script>`).FindStringSubmatch(text)
	var back journal.State
	if err := json.Unmarshal([]byte(data[1]), &back); err != nil || back.Objects[0] != state.Objects[0] {
		t.Errorf("the file has %q (%v)", data[1], err)
	}
}

// TestWrittenPage checks that the file shows its state without a server.
func TestWrittenPage(t *testing.T) {
	objects := append(hostileObjects(), workers(300)...)
	j := newJournal(objects)
	plan := examplePlan()
	j.Begin("fleet apply", "")
	j.Planned(plan, func(*journal.Pass) {})
	j.Step(journal.Step{Address: "sandbox.worker[50]", Action: "create", Wave: 1, Phase: "failed", Text: "no runners"})
	j.End(func(p *journal.Pass) { p.Outcome = journal.Failed })
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(written(t, j.State())), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newTab(t)
	p.open("file://" + file + "#state=error")
	p.shows("#link", "not live")
	p.shows("#plan-progress", "no runners")
	p.shows("#rows-title", "Objects that match (1)")
	p.choose("#state", "started")
	p.shows("#rows-title", "Objects that match (298)")
	if got := eval[string](p, "location.hash"); got != "#state=started" {
		t.Errorf("the address ends with %s", got)
	}
	p.click("#filter button")
	p.shows("#rows", hostile)
	p.until(`getComputedStyle(document.getElementById('reconcile')).display === 'none'`)
	if n := eval[int](p, `document.querySelectorAll('img, b').length`); n != 0 {
		t.Errorf("%d elements come from texts", n)
	}
}
