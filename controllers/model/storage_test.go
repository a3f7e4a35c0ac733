package model

import "testing"

func TestStoragePlace(t *testing.T) {
	for dir, want := range map[string]string{
		"s3://acme-flink/checkpoints/payments":                  "s3://acme-flink",
		" s3a://acme-flink/x":                                   "s3://acme-flink",
		"s3p://acme-flink":                                      "s3://acme-flink",
		"hdfs://user:secret@namenode:8020/flink":                "hdfs://namenode:8020",
		"abfss://states@acme.dfs.core.windows.net/checkpoints":  "abfs://acme.dfs.core.windows.net",
		"wasbs://states@acme.blob.core.windows.net/checkpoints": "wasb://acme.blob.core.windows.net",
		"gs://acme/x":             "gs://acme",
		"file:///var/checkpoints": "",
		"/var/checkpoints":        "",
		"hdfs:///flink":           "",
		"":                        "",
		"s3://%zz/x":              "",
		"://":                     "",
		"oss://bucket/with space": "oss://bucket",
	} {
		s := Settings{CheckpointDir: Setting[string]{Value: dir, Known: true}}
		if got := s.StoragePlace(); got != want {
			t.Errorf("%q is %q, want %q", dir, got, want)
		}
	}
	unknown := Settings{}
	if got := unknown.StoragePlace(); got != "" {
		t.Errorf("an unknown directory is %q", got)
	}
}
