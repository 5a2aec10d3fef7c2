// Package schedule decides which operation of a run starts next.
//
// A [Schedule] knows the tasks of a run, what each waits for and which limits
// apply to it. It sends nothing, starts no goroutine and reads no clock: the
// caller reports what happened, and when, and asks for the next task.
package schedule
