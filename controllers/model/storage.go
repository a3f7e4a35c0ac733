package model

import (
	"net/url"
	"strings"
)

// StoragePlace is where checkpoints are written, as scheme and bucket or host, such as s3://acme-flink or hdfs://namenode:8020; empty where
// that is not known, or is a local path. What stands before an @ is left out: it may be a password. The schemes of one store are one: s3a and
// s3p are s3, abfss is abfs.
func (s *Settings) StoragePlace() string {
	if !s.CheckpointDir.Known {
		return ""
	}
	dir, err := url.Parse(strings.TrimSpace(s.CheckpointDir.Value))
	if err != nil || dir.Host == "" {
		return ""
	}
	scheme := strings.ToLower(dir.Scheme)
	switch scheme {
	case "", "file":
		return ""
	case "s3a", "s3p", "s3n":
		scheme = "s3"
	case "abfss":
		scheme = "abfs"
	case "wasbs":
		scheme = "wasb"
	}
	return scheme + "://" + dir.Host
}
