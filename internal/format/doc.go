// Package format gives spec files one look without touching what they say.
//
// The rules are few:
//
//   - Blocks are indented by two spaces, lists under their key too.
//   - One space after a colon, a comma and a dash, and before a comment; none
//     inside brackets; no blanks at the end of a line.
//   - Lines end in LF, the file in one, unless it ends within the text of a block
//     scalar, where one more would be part of the text. There is no byte order
//     mark.
//   - Of several blank lines one is kept.
//   - Texts on one line lose quotes that they do not need, and otherwise have
//     double ones where that takes no escapes. They need them when any reader of
//     YAML could take them for something else, and around expressions.
//   - A collection in brackets stays in brackets and keeps its line breaks. One
//     on a single line that is longer than 120 characters is broken, an entry a
//     line.
//   - Comments keep their words and their places.
//
// Everything else is left as it is: the order of keys, the line breaks of long
// texts, the content of block scalars, anchors, aliases and tags.
//
// The formatter works on the tokens of the text, not on the parsed tree:
// writing a tree anew loses blank lines, moves comments and folds long texts.
// What it makes is parsed again and compared; a text that would come out
// different is refused.
package format
