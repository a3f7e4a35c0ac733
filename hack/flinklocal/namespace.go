package flinklocal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// namespace is a network of its own for the last TaskManager, joined to this machine's by a pair of virtual cards.
type namespace struct {
	name            string // of the namespace
	outer, inner    string // the two cards
	address, inside string // IP addresses of the outer and of the inner end
}

// linkPrograms are what a narrow or lossy link is made with.
var linkPrograms = []string{"ip", "tc", "iptables"}

// sbin is where they are, whatever PATH says.
const sbin = "/usr/sbin/"

// canLink tells what is missing for a namespace.
func canLink() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: root, for a network namespace", ErrMissing)
	}
	for _, name := range linkPrograms {
		if _, err := programPath(name); err != nil {
			return err
		}
	}
	return nil
}

func programPath(name string) (string, error) {
	for _, candidate := range []string{name, sbin + name, "/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: the program %s", ErrMissing, name)
}

// newNamespace makes one with a name and addresses that nothing else here has. The addresses are of 10.231.0.0/16, a private range; nothing
// routes to them but this machine.
func newNamespace(ctx context.Context) (*namespace, error) {
	if err := canLink(); err != nil {
		return nil, err
	}
	id := make([]byte, 3)
	_, _ = rand.Read(id) // crypto/rand.Read never fails (Go 1.24 on)
	tag := hex.EncodeToString(id)
	host := int(id[1])&^3 + 1 // of a /30: two addresses
	subnet := "10.231." + strconv.Itoa(int(id[0])) + "."
	n := &namespace{name: "flink-" + tag, outer: "fl" + tag + "o", inner: "fl" + tag + "i",
		address: subnet + strconv.Itoa(host), inside: subnet + strconv.Itoa(host+1)}
	for _, command := range []string{
		"ip netns add " + n.name,
		"ip link add " + n.outer + " type veth peer name " + n.inner + " netns " + n.name,
		"ip addr add " + n.address + "/30 dev " + n.outer,
		"ip link set " + n.outer + " up",
		"ip -n " + n.name + " addr add " + n.inside + "/30 dev " + n.inner,
		"ip -n " + n.name + " link set " + n.inner + " up",
		"ip -n " + n.name + " link set lo up",
	} {
		if err := run(ctx, strings.Fields(command)...); err != nil {
			return nil, errors.Join(fmt.Errorf("network namespace: %w", err), n.remove())
		}
	}
	return n, nil
}

// set makes the link as narrow and lossy as asked, from now on.
func (n *namespace) set(ctx context.Context, l *Link) error {
	// Nothing to take away is no mistake: tc says so with an error.
	_ = n.in(ctx, "tc", "qdisc", "del", "dev", n.inner, "root")
	if err := n.in(ctx, "iptables", "-F"); err != nil {
		return err
	}
	if l.Rate != "" {
		if err := n.in(ctx, "tc", "qdisc", "add", "dev", n.inner, "root", "tbf", "rate", l.Rate, "burst", l.Burst, "latency", l.Queue); err != nil {
			return err
		}
	}
	if l.Loss <= 0 {
		return nil
	}
	share := strconv.FormatFloat(l.Loss, 'f', -1, 64)
	for _, chain := range l.chains() {
		if err := n.in(ctx, "iptables", "-A", chain, "-m", "statistic", "--mode", "random", "--probability", share, "-j", "DROP"); err != nil {
			return err
		}
	}
	return nil
}

// chains are those of iptables that packets are lost in.
func (l *Link) chains() []string {
	switch l.Way {
	case "in":
		return []string{"INPUT"}
	case "out":
		return []string{"OUTPUT"}
	}
	return []string{"INPUT", "OUTPUT"}
}

// command is a command line that runs inside.
func (n *namespace) command(line ...string) []string {
	return append([]string{"ip", "netns", "exec", n.name}, line...)
}

func (n *namespace) in(ctx context.Context, line ...string) error {
	path, err := programPath(line[0])
	if err != nil {
		return err
	}
	return run(ctx, n.command(append([]string{path}, line[1:]...)...)...)
}

// remove takes the namespace away, and the cards with it.
func (n *namespace) remove() error {
	if n == nil {
		return nil
	}
	return run(context.Background(), "ip", "netns", "del", n.name)
}

// run is a short command whose output matters only where it fails.
func run(ctx context.Context, line ...string) error {
	path, err := programPath(line[0])
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, path, line[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(line, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
