package engine

// noise is a seeded source of repeatable disturbance: the same seed and place always give the same number,
// whatever was asked before. So a checkpoint looks the same however often and in whatever order it is read.
type noise uint64

// unit returns a number in [0, 1) for a place, e.g. (checkpoint, subtask, phase).
func (n noise) unit(a, b, c uint64) float64 {
	x := mix(mix(mix(uint64(n)^a*0x9e3779b97f4a7c15)^b*0xc2b2ae3d27d4eb4f) ^ c*0x165667b19e3779f9)
	return float64(x>>11) / (1 << 53)
}

// around returns mean ± spread (a share of mean), evenly distributed.
func (n noise) around(mean, spread float64, a, b, c uint64) float64 {
	return mean * (1 + spread*(2*n.unit(a, b, c)-1))
}

// between returns a number from low to high, low ones more often: most phases of a healthy job are short.
func (n noise) between(low, high float64, a, b, c uint64) float64 {
	u := n.unit(a, b, c)
	return low + (high-low)*u*u
}

// mix is the finaliser of splitmix64 (public domain, Sebastiano Vigna).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Places of noise; the third argument of unit, around and between.
const (
	placeFirstTick = iota
	placeStart
	placeChannel
	placeSync
	placeUpload
	placeAsync
	placeAck
	placeTimer
	placeDelete
	placeMetadata
	placeQueue
	placeLoss
)
