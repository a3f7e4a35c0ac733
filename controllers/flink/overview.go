package flink

import "context"

// Overview is GET /overview: the cluster at a glance.
type Overview struct {
	// Version is Flink's version as the JobManager reports it; vendors append to it (1.17.2-amzn-1).
	Version        string `json:"flink-version"`
	Commit         string `json:"flink-commit"`
	TaskManagers   int    `json:"taskmanagers"`
	SlotsTotal     int    `json:"slots-total"`
	SlotsAvailable int    `json:"slots-available"`
	JobsRunning    int    `json:"jobs-running"`
	JobsFinished   int    `json:"jobs-finished"`
	JobsFailed     int    `json:"jobs-failed"`
}

// DashboardConfig is GET /config: what the web page needs to know, the version among it.
type DashboardConfig struct {
	// RefreshInterval is in milliseconds; it is also how long 1.15 to 1.17 cache what they answer (web.refresh-interval).
	RefreshInterval int64  `json:"refresh-interval"`
	Version         string `json:"flink-version"`
	Revision        string `json:"flink-revision"`
}

// Overview asks GET /overview.
func (c *Client) Overview(ctx context.Context) (Overview, error) {
	var out Overview
	_, err := c.fetch(ctx, call{template: "/overview"}, func(b []byte) (err error) { out, err = decodeOverview(b); return })
	return out, err
}

// DashboardConfig asks GET /config.
func (c *Client) DashboardConfig(ctx context.Context) (DashboardConfig, error) {
	var out DashboardConfig
	_, err := c.fetch(ctx, call{template: "/config"}, func(b []byte) (err error) { out, err = decodeDashboardConfig(b); return })
	return out, err
}

func decodeOverview(data []byte) (Overview, error) {
	var o Overview
	if err := decodeJSON(data, &o); err != nil {
		return Overview{}, err
	}
	if o.Version == "" {
		return Overview{}, missing("flink-version")
	}
	o.Version, o.Commit = cleanLine(o.Version, 100), cleanLine(o.Commit, 100)
	return o, nil
}

func decodeDashboardConfig(data []byte) (DashboardConfig, error) {
	var d DashboardConfig
	if err := decodeJSON(data, &d); err != nil {
		return DashboardConfig{}, err
	}
	if d.Version == "" {
		return DashboardConfig{}, missing("flink-version")
	}
	d.Version, d.Revision = cleanLine(d.Version, 100), cleanLine(d.Revision, 200)
	return d, nil
}

// missing says that an answer lacks what every Flink version has, so that some other server's JSON is not taken for health.
func missing(field string) error {
	return malformed("answered with JSON that has no %q: this is not the answer of a Flink JobManager", field)
}
