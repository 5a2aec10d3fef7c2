package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/apply"
	"fleet/internal/render/term"
)

// A markdownPage is Markdown of a limited size. Steps that do not fit are counted
// instead.
type markdownPage struct {
	strings.Builder
	remaining int // free bytes
	omitted   int // number of steps that did not fit
}

// writeTo writes the page.
func (g *markdownPage) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, strings.TrimRight(g.String(), "\n")+"\n")
	return err
}

// add writes text that is known to fit.
func (g *markdownPage) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	g.WriteString(text)
	g.remaining -= len(text)
}

// Bytes that are reserved on a page, for each later section and for the last
// line.
const (
	sectionReserve = 500
	footerReserve  = 200
)

// warnings writes the first warnings.
func (g *markdownPage) warnings(list []string) {
	const most = 5
	for i, text := range list {
		if i == most {
			g.add("> and %s\n\n", count(len(list)-most, "more warning"))
			return
		}
		g.add("> Warning: %s\n\n", escapeMarkdown(term.Truncate(term.Printable(text), maxTextWidth)))
	}
}

// table writes a section that can be collapsed: a table, and differences below
// it. It leaves room for the later sections.
func (g *markdownPage) table(c section, total int, rows, diffs []tableRow, laterSections int) {
	if len(rows) == 0 {
		return
	}
	open := ""
	if c.open {
		open = " open"
	}
	g.add("<details%s>\n<summary>%d %s</summary>\n\n| | resource | details |\n|---|---|---|\n", open, total, c.title)
	left, dropped := 0, 0
	room := g.remaining - footerReserve - (laterSections+1)*sectionReserve
	most := room
	if len(diffs) > 0 {
		most = room * 2 / 3
	}
	for _, r := range rows {
		if len(r.text) > most {
			left += r.steps
			continue
		}
		most, room = most-len(r.text), room-len(r.text)
		g.add("%s", r.text)
	}
	if left > 0 {
		g.add("| | %s | |\n", fmt.Sprintf("and %d more", left))
		g.omitted += left
	}
	g.add("\n")
	var text strings.Builder
	for _, d := range diffs {
		if d.text == "" || text.Len()+len(d.text) > room-2*len(fence(d.text))-len("diff\n\n\n") {
			dropped++
			continue
		}
		text.WriteString(d.text)
	}
	if f := fence(text.String()); text.Len() > 0 {
		g.add("%sdiff\n%s%s\n\n", f, text.String(), f)
	}
	if dropped > 0 {
		g.add("%s not shown.\n\n", countIsOrAre(dropped, "more difference"))
	}
	g.add("</details>\n\n")
}

// buildLogs writes the ends of the logs of failed builds, as far as half of the page has
// room for them.
func (g *markdownPage) buildLogs(r *apply.Report) {
	room := g.remaining / 2
	for _, x := range r.Results {
		var text strings.Builder
		for _, line := range x.BuildLog {
			text.WriteString(term.Truncate(term.LogLine(line), maxLineWidth) + "\n")
		}
		f := fence(text.String())
		block := fmt.Sprintf("<details>\n<summary>build log of %s</summary>\n\n%stext\n%s%s\n\n</details>\n\n", escapeMarkdown(x.Step.Address.String()), f, text.String(), f)
		if text.Len() > 0 && len(block) <= room {
			room -= len(block)
			g.add("%s", block)
		}
	}
}

// fence returns the line that opens and closes a block of code: it is longer than
// any sequence of backquotes in the text.
func fence(text string) string {
	longest, n := 2, 0
	for i := range len(text) {
		if text[i] != '`' {
			n = 0
			continue
		}
		if n++; n > longest {
			longest = n
		}
	}
	return strings.Repeat("`", longest+1)
}

// markdownCode returns a text as code within a line or a table.
func markdownCode(s string) string {
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|\\<>&@") || strings.TrimSpace(s) != s || term.Printable(s) != s:
		return "<code>" + escapeMarkdown(s) + "</code>"
	}
	return "`" + s + "`"
}

var lineBreaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

// escapeMarkdown returns a text that has no meaning in a line of Markdown: no
// markup, no cell of a table, no mention of a person or an issue.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range term.Printable(lineBreaks.Replace(s)) {
		switch {
		case r == '@' || r == '#':
			fmt.Fprintf(&b, "&#%d;&#8203;", r)
		case strings.ContainsRune("\\`*_{}[]<>|~&$!^", r):
			fmt.Fprintf(&b, "&#%d;", r)
		case r == '/' && strings.HasSuffix(b.String(), ":"): // no links
			b.WriteString("&#47;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
