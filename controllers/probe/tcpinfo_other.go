//go:build !linux

package probe

import "net"

// retransmitsGap is why nothing is counted.
const retransmitsGap = "retransmits are not available on this system: they are read from Linux's TCP_INFO"

func retransmits(net.Conn) (int64, bool) { return 0, false }
