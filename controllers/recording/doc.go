// Package recording keeps what a Flink REST API answered as an HTTP Archive (HAR 1.2, the format browsers export), and
// replays it. It knows nothing of Flink's types or of ours: it turns an archive into a http.RoundTripper and back.
//
//	r, err := recording.Load("payments.har.gz")              // or Read(io.Reader)
//	p := r.Player()
//	c, err := flink.New(p.Base(), flink.WithTransport(p), flink.WithTimes(recording.Times))
//	for _, pass := range r.Passes() { p.Seek(pass); … }       // one look at the job each
//
//	w, err := recording.Create("payments.har.gz", recording.Redact(observe.TellingRecords))
//	c, err := flink.New(url, flink.WithTransport(recording.NewRecorder(http.DefaultTransport, w)))
//	…
//	err = w.Close()                                          // without it the archive breaks off
//
// A Recorder of a URL with a path (a proxy's) takes that path off: WithPrefix.
//
// A path is answered with what was recorded nearest in time to the Player's cursor, whatever its query; a metrics query
// is answered from whatever ids of that path were recorded, each nearest in time. What was never recorded is answered
// with 404 and the text NotRecorded, so that the reader has a gap and not a guess.
package recording
