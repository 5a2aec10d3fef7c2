// Package foreign shows what others wrote: names, states and reasons that a
// server tells, logs, and texts of files. None of it may act on a terminal, on
// the log of a CI job, or deceive who reads.
//
// [Escape] is for a text, [Text] for fields whose every use is to be escaped, and
// a [Writer] for a whole stream, as the last barrier.
package foreign
