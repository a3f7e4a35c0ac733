package observe

import (
	"strings"
	"testing"
	"time"
)

// Nothing tells the zone of a log whose times come without one and that prints no epoch: its times are its own. One log that tells its zone speaks
// for those of the same cluster, unless its times are zoned themselves: then they say nothing of the others'.
func TestWhetherTheZoneOfLogsIsKnown(t *testing.T) {
	const (
		bare   = "2026-11-26 11:20:00,000 INFO  x [] - Checkpoint 5 of job " + job32 + " expired before completing.\n"
		epoch  = "2026-11-26 11:10:00,000 INFO  x [] - Triggering checkpoint 5 @ 1795687800000 for job " + job32 + ".\n"
		nothin = "no time at all: Checkpoint 5 of job " + job32 + " expired before completing.\n"
	)
	utc := strings.Replace(bare, " INFO", "Z INFO", 1)
	offset := strings.Replace(bare, " INFO", "+0100 INFO", 1)
	for name, tc := range map[string]struct {
		logs    []string
		unknown bool
	}{
		"no zone":                         {[]string{bare}, true},
		"an epoch":                        {[]string{epoch + bare}, false},
		"UTC":                             {[]string{utc}, false},
		"an offset":                       {[]string{offset}, false},
		"JSON with a zone":                {[]string{`{"@timestamp":"2026-11-26T11:20:00.000Z","message":"Checkpoint 5 of job ` + job32 + ` expired before completing."}` + "\n"}, false},
		"JSON without":                    {[]string{`{"@timestamp":"2026-11-26T11:20:00.000","message":"Checkpoint 5 of job ` + job32 + ` expired before completing."}` + "\n"}, true},
		"some lines have one":             {[]string{utc + bare}, true},
		"no times":                        {[]string{nothin}, false},
		"another log's epoch":             {[]string{bare, epoch}, false},
		"another log's zone is not its":   {[]string{bare, utc}, true},
		"an epoch beside zones tells not": {[]string{bare, strings.Replace(epoch, " INFO", "Z INFO", 1)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var reports []*LogReport
			for _, text := range tc.logs {
				reports = append(reports, scan(t, "a.log", text))
			}
			if s := FromLogs(reports, nil, time.Time{}, Selector{}); s.ZoneUnknown != tc.unknown {
				t.Errorf("the zone is unknown: %v, want %v", s.ZoneUnknown, tc.unknown)
			}
		})
	}
}
