package probe

import (
	"net"

	"golang.org/x/sys/unix"
)

// retransmitsGap is empty: this system tells.
const retransmitsGap = ""

// retransmits is how many packets of a connection the kernel sent again, the first packet of the connect included.
func retransmits(connection net.Conn) (int64, bool) {
	tcp, ok := connection.(*net.TCPConn)
	if !ok {
		return 0, false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, false
	}
	var info *unix.TCPInfo
	var asked error
	err = raw.Control(func(fd uintptr) { info, asked = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err != nil || asked != nil || info == nil {
		return 0, false
	}
	return int64(info.Total_retrans), true
}
