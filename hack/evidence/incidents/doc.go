// Package incidents holds publicly reported checkpoint incidents whose cause is known, and what `diagnose --log --config` says of each.
//
// A file of data/ is one incident, in our own words: what was observed, the settings and log lines that were quoted, the address they were
// quoted at, the true cause and how it came to be known. Log lines are program output and stand as they were quoted, cut where the quotation is.
// Nothing is made up: an incident of which no line was quoted is run with none.
package incidents
