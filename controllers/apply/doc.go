// Package apply is the only writer of the user's workload, and of probe pods (probe.go), which are ours. It patches with server-side apply, field manager checkpoint-health, in one
// request that carries the fields, the receipt and the uid and resourceVersion of the object as it was just read; so a crash after the
// request loses nothing, and no request can create, overwrite or patch twice.
//
// A server-side apply replaces the whole set of fields its manager owns. Every request here therefore carries over what checkpoint-health
// owns already, at its live value, and changes only what the remedy says. A field that was not set before is undone by leaving it out
// (which releases and so deletes it); one that was set is undone by writing its prior value back.
package apply
