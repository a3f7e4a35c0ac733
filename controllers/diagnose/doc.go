// Package diagnose says what a snapshot means: how healthy the job's checkpoints are, and where they are not, why. It is pure: values in,
// a value out, no clock and no I/O.
//
//	doctor.go        the way in: health first, causes only where the job is not healthy
//	health*.go       Healthy, AtRisk, Unhealthy, Unknown; window.go and gaps.go count what it judges by
//	features*.go     what the rules look at, computed once
//	stacks*.go       what a thread is doing, from the classes on its stack; the class prefixes are data (stacks.yaml)
//	rule.go          what a rule is, and how its rows become a score and a verdict
//	needs.go         what data a row looks at, so that what was not read is never taken for absent
//	table.go         all rules, and which cause explains which
//	cause_*.go       one family of causes a file: its rows, its sentence, its advice
//	advisories*.go   known issues of Flink, data (advisories.yaml), predicates in CEL
//	facts.go         the figures that remedies are sized by
//
// Adding a cause: a file cause_NAME.go with a rule, its line in table.go, a case in its test, a section in docs/diagnosis.md.
//
// What is missing is never evidence: a row whose data are not there adds nothing, and what would have told is named. Thresholds are shares (of the
// timeout, of a limit, of the job's own past), so that they hold for a timeout of 10 s as for one of an hour; but for these, which are times and
// rates of machines and the same for every job: how late our own small requests are answered (0.5 s, 5 s), the shortest pause of a collection
// that counts (0.5 s), the slowest upload that is none (1 MiB/s, a policy's default), and the round trips of the network probe.
package diagnose
