// Command picture converts terminal output with colours to an SVG. It draws the pictures of
// terminals in the README: run make picture.
package main

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"log"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	fontSize   = 13
	lineHeight = 18
	charWidth  = 7.83
	margin     = 16
	minColumns = 100 // minimum width in characters
)

// styles maps ANSI codes to SVG attributes.
var styles = map[string]string{
	"1": `font-weight="bold"`, "2": `fill="#8b949e"`,
	"31": `fill="#ff7b72"`, "32": `fill="#7ee787"`, "33": `fill="#e3b341"`, "35": `fill="#d2a8ff"`, "36": `fill="#76e3ea"`,
}

var sgrPattern = regexp.MustCompile("\x1b\\[([0-9;]*)m")

func main() {
	if err := draw(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// draw converts the terminal output in to an SVG.
func draw(in io.Reader, out io.Writer) error {
	var lines []string
	scan := bufio.NewScanner(in)
	for scan.Scan() {
		lines = append(lines, scan.Text())
	}
	if err := scan.Err(); err != nil {
		return err
	}
	widest := minColumns
	for _, line := range lines {
		widest = max(widest, utf8.RuneCountInString(sgrPattern.ReplaceAllString(line, "")))
	}
	width, height := float64(widest)*charWidth+2*margin, len(lines)*lineHeight+2*margin
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="%d">`+"\n", width, height, fontSize)
	fmt.Fprintf(out, `<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>`+"\n")
	for i, line := range lines {
		y := margin + (i+1)*lineHeight - 5
		fmt.Fprintf(out, `<text x="%d" y="%d" fill="#e6edf3" xml:space="preserve">%s</text>`+"\n", margin, y, spans(line))
	}
	_, err := fmt.Fprintln(out, "</svg>")
	return err
}

// spans returns a line as SVG, with its colours.
func spans(line string) string {
	var b strings.Builder
	attrs := ""
	write := func(text string) {
		if text = html.EscapeString(text); attrs != "" && text != "" {
			text = "<tspan " + attrs + ">" + text + "</tspan>"
		}
		b.WriteString(text)
	}
	at := 0
	for _, m := range sgrPattern.FindAllStringSubmatchIndex(line, -1) {
		write(line[at:m[0]])
		var list []string
		for _, code := range strings.Split(line[m[2]:m[3]], ";") {
			if s := styles[code]; s != "" {
				list = append(list, s)
			}
		}
		attrs, at = strings.Join(list, " "), m[1]
	}
	write(line[at:])
	return b.String()
}
