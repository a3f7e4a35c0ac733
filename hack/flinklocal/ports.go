package flinklocal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken below 32768, where Linux begins to hand out ports of outgoing connections: a port must stay ours while
// Flink restarts.
const (
	lowestPort  = 20000
	highestPort = 32000
	portTries   = 400
)

// freePorts finds n ports nobody listens on now.
func freePorts(ctx context.Context, n int) ([]int, error) {
	taken := map[int]bool{}
	var ports []int
	for range portTries {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if taken[port] || !isFree(ctx, port) {
			continue
		}
		taken[port] = true
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no %d free ports between %d and %d on %s", n, lowestPort, highestPort, loopback)
}

func isFree(ctx context.Context, port int) bool {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
