// Package plan decides what is to be done about a diagnosed job, and says why whenever that is nothing. It is pure: values in, a
// model.Decision out; the time is an argument.
//
// The way through it:
//
//	decide.go   the order of questions: remedy in flight? can it be judged? sick? which cause?
//	ladders.go  the table of causes and their rungs, the mildest first
//	choose.go   the first rung that can be used, and what is said of those that cannot
//	sizing_*.go how far each lever is moved, with the arithmetic in the remedy's reason
//	remedy.go   one batch of changes, its cost, replay, hash and the criterion it will be judged by
//	guards*.go  the table of everything that holds a remedy back, in the order in which it is said
//	flight.go   what becomes of a remedy that was judged: settle it or undo it
//	patch.go    the remedy as YAML, ready to commit
//
// A new cause is one row in ladders.go; a new lever one sizing function and one mention in a ladder; a new guard one row in guards.go.
package plan
