package faultjobs

import "embed"

// PermitSources holds the trees of a second family of jobs in SQL: permits, with permits1 or permits2 (sinks as Flink 1 and 2 declare them), and the shapes it stands on.
//
//go:embed permits permits1 permits2 shapes shapes1 shapes2
var PermitSources embed.FS

// What its build needs.
const (
	// PermitsDir, Permits1Dir and Permits2Dir are the roots of its trees within PermitSources.
	PermitsDir  = "permits"
	Permits1Dir = "permits1"
	Permits2Dir = "permits2"
	// PermitsMain is its entry class, and PermitsTables the table factories that it needs: Flink's own and its own, one a line.
	PermitsMain   = "gov.rivertown.permits.PermitsJob"
	PermitsTables = SalesTable + "\ngov.rivertown.permits.Register"
)
