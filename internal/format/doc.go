// Package format formats spec files without changing their meaning.
//
// The rules are few:
//
//   - Blocks are indented by two spaces, lists under their key too.
//   - One space after a colon, a comma and a dash, and before a comment; none
//     inside brackets; no blanks at the end of a line.
//   - Lines end in LF, the file in one, unless it ends within the text of a block
//     scalar, where one more would be part of the text. There is no byte order
//     mark.
//   - Several blank lines become one.
//   - Single-line texts lose unnecessary quotes. Necessary quotes become double quotes
//     unless that needs escapes. Quotes are necessary around expressions, and if any
//     YAML parser could read the text as another type.
//   - A collection in brackets keeps its brackets and line breaks. A collection on a
//     single line of more than 120 characters gets one line per entry. Its lines, the
//     closing bracket included, are indented further than its key, as YAML 1.2 demands.
//   - Comments do not change.
//
// Everything else is unchanged: the order of keys, the line breaks of long
// texts, the content of block scalars, anchors, aliases and tags.
//
// The formatter works on the tokens of the text, not on the parsed tree:
// writing a tree would remove blank lines, move comments and fold long texts. The result
// is parsed again and compared; a text whose meaning would change is refused.
package format
