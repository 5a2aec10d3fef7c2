package yamldoc

import "bytes"

// byteOrderMark is the byte order mark that some editors write at the start of a text.
var byteOrderMark = []byte("\ufeff")

// TrimBOM returns a text without a byte order mark at its start.
func TrimBOM(text []byte) []byte { return bytes.TrimPrefix(text, byteOrderMark) }

// TrimBOMs returns a YAML text without the byte order marks at the start of its
// documents, which joined files have. Marks elsewhere stay.
func TrimBOMs(text []byte) []byte {
	if !bytes.Contains(text, byteOrderMark) {
		return text
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, line := range lines {
		if bytes.HasPrefix(line, byteOrderMark) && (startsDocument(lines, i) || endsDocument(lines[:i])) {
			lines[i] = TrimBOM(line)
		}
	}
	return bytes.Join(lines, nil)
}

// startsDocument reports whether only comments are between line i and the marker of a
// document.
func startsDocument(lines [][]byte, i int) bool {
	for _, line := range lines[i:] {
		if line = TrimBOM(line); !isBlankOrComment(line) {
			return bytes.HasPrefix(line, []byte("---"))
		}
	}
	return false
}

// endsDocument reports whether only comments follow the last marker of a document, or
// the start of the text.
func endsDocument(lines [][]byte) bool {
	for i := len(lines) - 1; i >= 0; i-- {
		line := TrimBOM(lines[i])
		if !isBlankOrComment(line) {
			return bytes.Equal(bytes.TrimSpace(line), []byte("---")) || bytes.Equal(bytes.TrimSpace(line), []byte("..."))
		}
	}
	return true
}

// isBlankOrComment reports whether a line is blank or a comment.
func isBlankOrComment(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}
