package recording

import "time"

// Entry is one recorded answer to a GET.
type Entry struct {
	// Path is the path of the REST API, without the base and the query, such as /jobs/overview.
	Path string
	// Query is the raw query, without the question mark.
	Query string
	// Status is the HTTP status of the answer.
	Status int
	// Type is the content type of the answer.
	Type string
	// Body is the answer.
	Body []byte
	// Start is when the request was sent.
	Start time.Time
	// Took is how long the answer took.
	Took time.Duration
}

// End is when the answer was there.
func (e *Entry) End() time.Time { return e.Start.Add(e.Took) }

// harEntry is an entry of an archive, read for what is used of it.
type harEntry struct {
	Started string  `json:"startedDateTime"` // ISO 8601
	Time    float64 `json:"time"`            // milliseconds
	Request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	} `json:"request"`
	Response struct {
		Status  int `json:"status"`
		Content struct {
			Size     int64  `json:"size"`
			MimeType string `json:"mimeType"`
			Text     string `json:"text"`
			Encoding string `json:"encoding"` // base64 or empty
		} `json:"content"`
	} `json:"response"`
}

// The rest is what an archive needs to be valid (HAR 1.2: all of these are required) when it is written.
type (
	writtenEntry struct {
		Started  string          `json:"startedDateTime"`
		Time     float64         `json:"time"`
		Request  writtenRequest  `json:"request"`
		Response writtenResponse `json:"response"`
		Cache    struct{}        `json:"cache"`
		Timings  writtenTimings  `json:"timings"`
	}
	writtenRequest struct {
		Method      string     `json:"method"`
		URL         string     `json:"url"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []struct{} `json:"cookies"`
		Headers     []struct{} `json:"headers"`
		QueryString []pair     `json:"queryString"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
	}
	writtenResponse struct {
		Status      int            `json:"status"`
		StatusText  string         `json:"statusText"`
		HTTPVersion string         `json:"httpVersion"`
		Cookies     []struct{}     `json:"cookies"`
		Headers     []struct{}     `json:"headers"`
		Content     writtenContent `json:"content"`
		RedirectURL string         `json:"redirectURL"`
		HeadersSize int            `json:"headersSize"`
		BodySize    int            `json:"bodySize"`
	}
	writtenContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
		Encoding string `json:"encoding,omitempty"`
	}
	writtenTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)
