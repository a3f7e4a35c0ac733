package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// firstPort is where tracepath sends to: nobody listens there, and the port tells the answers apart.
	firstPort = 44444
	// hopTimeout is how long a hop is waited for: routers answer at once or not at all. hopTries is how often it is asked.
	hopTimeout = 500 * time.Millisecond
	hopTries   = 2
	// silentHops is after how many that say nothing the path is given up.
	silentHops = 3
	// smallPacket is a payload that every network carries, in bytes.
	smallPacket = 32
)

// family is what differs between IPv4 and IPv6.
type family struct {
	domain, level, hops, errors, mtu, discover, probe int
	headers                                           int
	exceeded                                          uint8
}

var (
	ipv4 = family{domain: unix.AF_INET, level: unix.IPPROTO_IP, hops: unix.IP_TTL, errors: unix.IP_RECVERR, mtu: unix.IP_MTU,
		discover: unix.IP_MTU_DISCOVER, probe: unix.IP_PMTUDISC_PROBE, headers: 20 + 8, exceeded: 11}
	ipv6 = family{domain: unix.AF_INET6, level: unix.IPPROTO_IPV6, hops: unix.IPV6_UNICAST_HOPS, errors: unix.IPV6_RECVERR, mtu: unix.IPV6_MTU,
		discover: unix.IPV6_MTU_DISCOVER, probe: unix.IPV6_PMTUDISC_PROBE, headers: 40 + 8, exceeded: 3}
)

// tracer follows the way to one address with datagrams that die on it. The kernel puts the answers (ICMP) into the error queue of the
// socket that sent them, so that no right to open a raw socket is needed.
type tracer struct {
	family
	fd   int
	to   netip.Addr
	path Path
	// sent is how many datagrams went out; each has a port of its own.
	sent int
	// at is when the datagram of a port went out.
	at map[int]time.Time
}

// tracePath follows the path until the address answers, nobody does any more, or the context ends.
func tracePath(ctx context.Context, to netip.Addr, most int) Path {
	t := &tracer{family: ipv4, to: to, at: map[int]time.Time{}}
	if to.Is6() {
		t.family = ipv6
	}
	if err := t.open(); err != nil {
		return Path{Gap: shorten("the path cannot be followed: "+err.Error(), maxError)}
	}
	defer t.close()
	silent := 0
	for distance := 1; distance <= most && !t.path.Reached && t.path.Gap == "" && silent < silentHops; distance++ {
		hop, err := t.hop(ctx, distance)
		if ctx.Err() != nil {
			t.path.Gap = "the time was over before its end"
			break
		}
		if err != nil {
			t.path.Gap = shorten(err.Error(), maxError)
			break
		}
		t.path.Hops = append(t.path.Hops, hop)
		silent++
		if hop.Address != "" {
			silent = 0
		}
	}
	if silent == silentHops {
		t.path.Hops = t.path.Hops[:len(t.path.Hops)-silentHops]
		t.path.Gap = fmt.Sprintf("nobody answers beyond hop %d", len(t.path.Hops))
	}
	return t.path
}

func (t *tracer) open() (err error) {
	t.fd, err = unix.Socket(t.domain, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("no socket: %w", err)
	}
	for _, option := range [][2]int{{t.errors, 1}, {t.discover, t.probe}} {
		if err := unix.SetsockoptInt(t.fd, t.level, option[0], option[1]); err != nil {
			return errors.Join(fmt.Errorf("the socket takes no option %d: %w", option[0], err), unix.Close(t.fd))
		}
	}
	t.path.MTU = t.routeMTU()
	return nil
}

func (t *tracer) close() {
	if err := unix.Close(t.fd); err != nil {
		t.path.Gap = shorten(err.Error(), maxError)
	}
}

// routeMTU is what the kernel believes of the route, asked on a connected socket: nothing is sent for it. 0 where it does not tell.
func (t *tracer) routeMTU() int {
	fd, err := unix.Socket(t.domain, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	mtu := 0
	if err = unix.Connect(fd, t.address(firstPort)); err == nil {
		mtu, err = unix.GetsockoptInt(fd, t.level, t.mtu)
	}
	if errors.Join(err, unix.Close(fd)) != nil {
		return 0
	}
	return mtu
}

// address is the far end, as the kernel takes it.
func (t *tracer) address(port int) unix.Sockaddr {
	if t.to.Is6() {
		return &unix.SockaddrInet6{Port: port, Addr: t.to.As16()}
	}
	return &unix.SockaddrInet4{Port: port, Addr: t.to.As4()}
}

// hop asks who is at a distance: with a packet as large as the path is believed to carry, and then with a small one.
func (t *tracer) hop(ctx context.Context, distance int) (Hop, error) {
	if err := unix.SetsockoptInt(t.fd, t.level, t.hops, distance); err != nil {
		return Hop{}, fmt.Errorf("the socket takes no distance: %w", err)
	}
	for try := 0; try < hopTries && ctx.Err() == nil; try++ {
		size := smallPacket
		if try == 0 {
			size = max(min(t.path.MTU-t.headers, maxDatagram), smallPacket)
		}
		if err := t.send(size); err != nil {
			return Hop{}, err
		}
		before := t.path.MTU
		hop, err := t.wait(ctx)
		if err != nil || hop.Address != "" {
			return hop, err
		}
		if t.path.MTU < before {
			try = -1 // a router said how large it may be: ask again with that
		}
	}
	return Hop{}, nil
}

// maxDatagram keeps a probe on the loopback device, whose MTU is 64 KiB, as large as on others.
const maxDatagram = 9000

// send sends a datagram. What an earlier one brought back is reported by the kernel at the next send: it is in the queue as well, so that
// sending again is all there is to do.
func (t *tracer) send(size int) error {
	port := firstPort + t.sent%10000
	t.sent++
	var err error
	for range 3 {
		t.at[port] = time.Now()
		if err = unix.Sendto(t.fd, make([]byte, size), 0, t.address(port)); err == nil {
			return nil
		}
		if errors.Is(err, unix.EMSGSIZE) && size > smallPacket {
			size = smallPacket
		}
	}
	return fmt.Errorf("no packet can be sent to %s: %w", t.to, err)
}

// wait waits for an answer to the newest datagram; answers to earlier ones are late and dropped.
func (t *tracer) wait(ctx context.Context) (Hop, error) {
	newest := firstPort + (t.sent-1)%10000
	end := time.Now().Add(hopTimeout)
	for ctx.Err() == nil {
		left := time.Until(end)
		if left <= 0 {
			return Hop{}, nil
		}
		// The error queue makes a socket ready without being asked for.
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(t.fd)}}, int(left.Milliseconds())+1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return Hop{}, fmt.Errorf("waiting for an answer: %w", err)
		}
		answer, port, ok := t.read()
		if !ok {
			// An error without an entry would keep the socket ready: asking for it clears it.
			if _, err := unix.GetsockoptInt(t.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil {
				return Hop{}, fmt.Errorf("waiting for an answer: %w", err)
			}
			continue
		}
		if port == newest {
			return t.use(answer, port)
		}
	}
	return Hop{}, nil
}

// icmpAnswer is an entry of the error queue: struct sock_extended_err and who sent it (linux/errqueue.h).
type icmpAnswer struct {
	errno  unix.Errno
	origin uint8
	kind   uint8
	info   uint32
	from   netip.Addr
	at     time.Time
}

// read takes an entry off the error queue; port is the one the datagram went to.
func (t *tracer) read() (answer icmpAnswer, port int, ok bool) {
	var payload [64]byte
	var control [512]byte
	_, n, _, to, err := unix.Recvmsg(t.fd, payload[:], control[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return answer, 0, false
	}
	switch address := to.(type) {
	case *unix.SockaddrInet4:
		port = address.Port
	case *unix.SockaddrInet6:
		port = address.Port
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil {
		return answer, 0, false
	}
	for i := range messages {
		if m := &messages[i]; int(m.Header.Level) == t.level && int(m.Header.Type) == t.errors {
			answer, ok = parseAnswer(m.Data)
			answer.at = time.Now()
			return answer, port, ok
		}
	}
	return answer, 0, false
}

// parseAnswer reads sock_extended_err (16 bytes) and the socket address behind it.
func parseAnswer(data []byte) (icmpAnswer, bool) {
	if len(data) < 16 {
		return icmpAnswer{}, false
	}
	order := binary.NativeEndian
	answer := icmpAnswer{errno: unix.Errno(order.Uint32(data)), origin: data[4], kind: data[5], info: order.Uint32(data[8:])}
	if from := data[16:]; len(from) >= 8 {
		switch order.Uint16(from) {
		case unix.AF_INET:
			answer.from, _ = netip.AddrFromSlice(from[4:8])
		case unix.AF_INET6:
			if len(from) >= 24 {
				answer.from, _ = netip.AddrFromSlice(from[8:24])
			}
		}
	}
	return answer, true
}

// use makes a hop of an answer, and notes what it says of the path.
func (t *tracer) use(answer icmpAnswer, port int) (Hop, error) {
	hop := Hop{Microseconds: answer.at.Sub(t.at[port]).Microseconds()}
	if answer.from.IsValid() {
		hop.Address = answer.from.Unmap().String()
	}
	switch {
	case answer.errno == unix.EMSGSIZE:
		if mtu := int(answer.info); mtu > smallPacket && mtu < t.path.MTU {
			t.path.MTU = mtu
		}
		return Hop{}, nil
	case answer.errno == unix.ECONNREFUSED: // the port is closed: this is the far end
		t.path.Reached = true
		if hop.Address == "" {
			hop.Address = t.to.String()
		}
		return hop, nil
	case answer.errno == unix.EHOSTUNREACH && answer.kind == t.exceeded && hop.Address != "":
		return hop, nil
	}
	return Hop{}, fmt.Errorf("%s answers: %s", hop.Address, answer.errno.Error())
}
