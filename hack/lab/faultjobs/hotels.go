package faultjobs

import "embed"

// HotelSources holds the trees of one more job: hotels, with hotels1 or hotels2 (what Flink 1 and 2 declare in different ways), and the shapes it stands on.
//
//go:embed hotels hotels1 hotels2 shapes shapes1 shapes2
var HotelSources embed.FS

// What its build needs.
const (
	// HotelsDir, Hotels1Dir and Hotels2Dir are the roots of its trees within HotelSources.
	HotelsDir  = "hotels"
	Hotels1Dir = "hotels1"
	Hotels2Dir = "hotels2"
	// HotelsMain is its entry class.
	HotelsMain = "eu.stayover.bookings.BookingsJob"
)
