//go:build !linux

package probe

import (
	"context"
	"net/netip"
)

// tracePath is not available here.
func tracePath(context.Context, netip.Addr, int) Path {
	return Path{Gap: "the path is not available on this system: it is read from the error queue of Linux's sockets"}
}
