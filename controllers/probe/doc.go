// Package probe measures the network between here and some TCP ports without any privilege: round trips of connects and of HTTP requests, what
// is lost, what the kernel had to send again (TCP_INFO), and the hops in between as tracepath finds them. It knows nothing of Flink, of
// Kubernetes or of us: addresses in, figures out.
//
//	options.go   how often, how long; as flags and as arguments of a command line
//	target.go    HOST:PORT, or http://HOST:PORT/PATH where requests are measured as well
//	measure.go   connects and requests, side by side to all targets
//	path*.go     the hops; tcpinfo*.go: what the kernel sent again. Both need Linux, elsewhere they are a gap
//	result.go    the figures, and how they are kept within a few kilobytes
package probe
