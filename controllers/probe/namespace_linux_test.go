package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// The measurement across a network of its own: this process (in namespace A) - a router (namespace R) - a server (namespace B).
//
//	A 10.213.1.1 --veth-- 10.213.1.2 R 10.213.2.1 --TUN, relay, TUN-- 10.213.2.2 B
//
// Between R and B packets go through two TUN devices and this test, which delays and drops them. The kernels on both sides are real: so are
// their time-outs, their repetitions and their ICMP. No queueing discipline of the kernel is needed (tc netem is missing in many).
const (
	addressA, routerA = "10.213.1.1", "10.213.1.2"
	routerB, addressB = "10.213.2.1", "10.213.2.2"
	serverPort        = 6123
	webPort           = 8081
)

// strict makes a namespace that cannot be made a failure: PROBE_NAMESPACES=required.
const strict = "PROBE_NAMESPACES"

// child is the environment variable that turns the test's binary into the measuring process of namespace A.
const child = "PROBE_MEASURE"

func TestMain(m *testing.M) {
	if line := os.Getenv(child); line != "" {
		os.Exit(measureAsChild(line))
	}
	os.Exit(m.Run())
}

// measureAsChild measures what a command line says, and prints the result as the command does.
func measureAsChild(line string) int {
	result, err := measureLine(line)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(&result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func measureLine(line string) (Result, error) {
	options := Defaults()
	flags := pflag.NewFlagSet("probe", pflag.ContinueOnError)
	options.Flags(flags)
	if err := flags.Parse(strings.Fields(line)); err != nil {
		return Result{}, err
	}
	var targets []Target
	for _, text := range flags.Args() {
		target, err := ParseTarget(text)
		if err != nil {
			return Result{}, err
		}
		targets = append(targets, target)
	}
	return Measure(context.Background(), targets, options)
}

// wire is what lies between router and server.
type wire struct {
	// delay is how long a packet takes, one way; dropEvery loses each n-th packet of a direction, 0 none.
	delay     time.Duration
	dropEvery int64
	// mtu is of the TUN devices, and count how many connects are made.
	mtu, count int

	dropped atomic.Int64
}

// crossings are the measurements; check says what is wrong with a result.
var crossings = []struct {
	name  string
	wire  wire
	check func(*wire, *Result) error
}{
	{"plain", wire{mtu: 1500, count: 60}, func(w *wire, r *Result) error {
		return errors.Join(within(r, 0, 40*time.Millisecond), lossless(w, r), straight(r, 1500))
	}},
	{"50 ms each way", wire{mtu: 1500, delay: 50 * time.Millisecond, count: 30}, func(w *wire, r *Result) error {
		if hops := r.Paths[0].Hops; len(hops) == 2 && (hops[1].Microseconds < 100_000 || hops[0].Microseconds > 50_000) {
			return fmt.Errorf("hops %+v: the delay lies behind the first", hops)
		}
		return errors.Join(within(r, 100*time.Millisecond, 160*time.Millisecond), lossless(w, r), straight(r, 1500))
	}},
	{"one packet in 10 lost, 5 ms each way", wire{mtu: 1500, delay: 5 * time.Millisecond, dropEvery: 10, count: 60}, func(w *wire, r *Result) error {
		// A lost first packet comes again after 1 s: that is the longest of 60 connects.
		again := *r.Targets[0].Retransmits + *r.Targets[1].Retransmits
		if again < 5 || again > w.dropped.Load() || r.Targets[0].Connect.MaxMicroseconds < 1_000_000 {
			return fmt.Errorf("%d retransmits of %d packets dropped, longest connect %d µs", again, w.dropped.Load(), r.Targets[0].Connect.MaxMicroseconds)
		}
		return within(r, 10*time.Millisecond, 60*time.Millisecond)
	}},
	{"a narrow path", wire{mtu: 1400, count: 10}, func(w *wire, r *Result) error {
		return errors.Join(lossless(w, r), straight(r, 1400))
	}},
	{"nothing comes through", wire{mtu: 1500, dropEvery: 1, count: 5}, func(w *wire, r *Result) error {
		for i := range r.Targets {
			if c := &r.Targets[i].Connect; c.Sent != w.count || c.Lost != c.Sent || c.Error != "" {
				return fmt.Errorf("%s: %+v, want all lost", r.Targets[i].Target, *c)
			}
		}
		if p := &r.Paths[0]; p.Reached || len(p.Hops) != 1 || !strings.Contains(p.Gap, "beyond hop 1") {
			return fmt.Errorf("path %+v, want to end at the router", *p)
		}
		return nil
	}},
}

func TestAcrossANamespace(t *testing.T) {
	needNamespaces(t)
	for i := range crossings {
		c := &crossings[i]
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // it mostly waits
			result := measureAcross(t, &c.wire)
			if err := c.check(&c.wire, result); err != nil {
				t.Error(err)
			}
			text, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s", text)
		})
	}
}

// everySeries calls yield with the connects and requests of each target.
func everySeries(r *Result, yield func(*TargetResult, *Series) error) error {
	var problems []error
	for i := range r.Targets {
		t := &r.Targets[i]
		problems = append(problems, yield(t, &t.Connect))
		if t.Request != nil {
			problems = append(problems, yield(t, t.Request))
		}
	}
	return errors.Join(problems...)
}

// within checks the medians of connects and requests.
func within(r *Result, least, most time.Duration) error {
	return everySeries(r, func(t *TargetResult, s *Series) error {
		if s.P50Microseconds < least.Microseconds() || s.P50Microseconds > most.Microseconds() {
			return fmt.Errorf("%s: median %d µs, want %s to %s", t.Target, s.P50Microseconds, least, most)
		}
		return nil
	})
}

// stalls is how many packets may be sent again on a wire that loses none: on a busy machine the relay itself may be kept waiting for longer
// than the 200 ms after which a kernel does not wait for an answer any more.
const stalls = 2

// lossless checks that all was answered, and nothing sent again.
func lossless(w *wire, r *Result) error {
	return everySeries(r, func(t *TargetResult, s *Series) error {
		if s.Sent != w.count || s.Answered() != w.count || t.Retransmits == nil || *t.Retransmits > stalls {
			return fmt.Errorf("%s: %+v, want all %d answered and none sent again", t.Target, *s, w.count)
		}
		return nil
	})
}

// straight checks that the path is the router and the server.
func straight(r *Result, mtu int) error {
	p := &r.Paths[0]
	if len(p.Hops) != 2 || p.Hops[0].Address != routerA || p.Hops[1].Address != addressB || !p.Reached || p.MTU != mtu {
		return fmt.Errorf("path %+v, want %s and %s with an MTU of %d", *p, routerA, addressB, mtu)
	}
	return nil
}

// needNamespaces skips where this process may not make network namespaces, and says why.
func needNamespaces(t *testing.T) {
	t.Helper()
	why := ""
	if os.Geteuid() != 0 {
		why = "it takes root to make network namespaces"
	} else if out, err := exec.CommandContext(t.Context(), "ip", "netns", "add", "probe-test-0").CombinedOutput(); err != nil {
		why = fmt.Sprintf("ip netns add: %v: %s", err, out)
	} else {
		ip(t, "netns", "del", "probe-test-0")
		if _, err := os.Stat("/dev/net/tun"); err != nil {
			why = err.Error()
		}
	}
	switch {
	case why == "":
	case os.Getenv(strict) == "required":
		t.Fatal(why)
	default:
		fmt.Fprintln(os.Stderr, "NOT MEASURED across a network namespace:", why)
		t.Skip(why)
	}
}

// ip runs the tool that lays out networks.
func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

var namespaces atomic.Int64

// measureAcross lays out the network and measures from A to B.
func measureAcross(t *testing.T, w *wire) *Result {
	t.Helper()
	number := namespaces.Add(1)
	name := func(side string) string { return fmt.Sprintf("probe-test-%d-%d-%s", os.Getpid(), number, side) }
	a, r, b := name("a"), name("r"), name("b")
	for _, namespace := range []string{a, r, b} {
		ip(t, "netns", "add", namespace)
		t.Cleanup(func() {
			if out, err := exec.Command("ip", "netns", "del", namespace).CombinedOutput(); err != nil {
				t.Errorf("ip netns del: %v: %s", err, out)
			}
		})
		ip(t, "-n", namespace, "link", "set", "lo", "up")
	}
	ip(t, "-n", a, "link", "add", "veth-a", "type", "veth", "peer", "name", "veth-r", "netns", r)
	for _, end := range [][3]string{{a, "veth-a", addressA}, {r, "veth-r", routerA}} {
		ip(t, "-n", end[0], "address", "add", end[2]+"/30", "dev", end[1])
		ip(t, "-n", end[0], "link", "set", end[1], "up")
	}
	near, far := openTUN(t, r), openTUN(t, b)
	mtu := fmt.Sprint(w.mtu)
	ip(t, "-n", r, "address", "add", routerB, "peer", addressB, "dev", "probe0")
	ip(t, "-n", b, "address", "add", addressB, "peer", routerB, "dev", "probe0")
	for _, namespace := range []string{r, b} {
		ip(t, "-n", namespace, "link", "set", "probe0", "mtu", mtu, "up")
	}
	ip(t, "-n", a, "route", "add", "default", "via", routerA)
	ip(t, "-n", b, "route", "add", "default", "via", routerB)
	inNamespace(t, r, func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o600) })
	relay(t, w, near, far)
	serve(t, b)
	options := Options{Count: w.count, Every: 50 * time.Millisecond, Timeout: DefaultTimeout, Deadline: DefaultDeadline, MaxHops: DefaultMaxHops}
	line := fmt.Sprintf("%s %s:%d http://%s:%d/config", strings.Join(options.Args(), " "), addressB, serverPort, addressB, webPort)
	command := exec.CommandContext(t.Context(), "ip", "netns", "exec", a, os.Args[0])
	command.Env = append(os.Environ(), child+"="+line)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("the measuring process: %v", err)
	}
	var result Result
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return &result
}

// inNamespace runs something on a thread of its own that has entered a namespace; the thread dies with it.
func inNamespace(t *testing.T, name string, do func() error) {
	t.Helper()
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread is not used again
		failed <- enter(name, do)
	}()
	if err := <-failed; err != nil {
		t.Fatalf("namespace %s: %v", name, err)
	}
}

func enter(name string, do func() error) error {
	namespace, err := os.Open("/var/run/netns/" + name)
	if err != nil {
		return err
	}
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
		return errors.Join(fmt.Errorf("setns: %w", err), namespace.Close())
	}
	return errors.Join(do(), namespace.Close())
}

// openTUN makes the device probe0 in a namespace; what is read and written are its packets.
func openTUN(t *testing.T, namespace string) *os.File {
	t.Helper()
	var device *os.File
	inNamespace(t, namespace, func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		request, err := unix.NewIfreq("probe0")
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			return errors.Join(err, unix.Close(fd))
		}
		device = os.NewFile(uintptr(fd), "probe0")
		return nil
	})
	return device
}

// relay carries packets both ways until the test is over.
func relay(t *testing.T, w *wire, near, far *os.File) {
	t.Helper()
	var both sync.WaitGroup
	both.Go(func() { w.carry(near, far) })
	both.Go(func() { w.carry(far, near) })
	t.Cleanup(func() {
		if err := errors.Join(near.Close(), far.Close()); err != nil {
			t.Error(err)
		}
		both.Wait()
	})
}

func (w *wire) carry(from, to *os.File) {
	buffer := make([]byte, 65536)
	for n := int64(1); ; n++ {
		size, err := from.Read(buffer)
		if err != nil {
			return
		}
		if w.dropEvery > 0 && n%w.dropEvery == 0 {
			w.dropped.Add(1)
			continue
		}
		packet := slices.Clone(buffer[:size])
		time.AfterFunc(w.delay, func() {
			if _, err := to.Write(packet); err != nil {
				return // the test is over, or the packet is too large for the device: it is lost
			}
		})
	}
}

// serve opens both ports in a namespace: one takes connections, one answers requests.
func serve(t *testing.T, namespace string) {
	t.Helper()
	for _, port := range []int{serverPort, webPort} {
		var listener net.Listener
		inNamespace(t, namespace, func() (err error) {
			listener, err = net.Listen("tcp", fmt.Sprintf("%s:%d", addressB, port))
			return err
		})
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := w.Write([]byte("{}")); err != nil {
				return
			}
		})}
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		}()
		t.Cleanup(func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
