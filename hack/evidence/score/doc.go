// Package score holds the diagnosis against what was true: it walks every recording of a trial pass by pass, as the manager would, and counts.
//
//	sources.go   the trials and recordings there are
//	judge.go     one recording: what each pass said
//	result.go    what that was worth: right, abstained, wrong, a false alarm
//	delay.go     how soon the cause was named
//	harm.go      whether what was recommended would have done harm
//	figures.go   the figures, a row each with its direction
//	groups.go    what figures are counted over: the halves, and a set of one
//	gate.go      the committed figures, and worse.go today's held against them
//	firstlook.go what was measured once, with rules.go (whose rules) and firstlook_page.go (its section)
//	markdown.go  docs/evidence.md, with tables.go, incidents.go and cluster.go
//	evidence.go  all of it, in order
package score
