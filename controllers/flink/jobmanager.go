package flink

import "context"

// JobManagerConfig asks GET /jobmanager/config: the cluster's configuration by key. It does not show what job code
// overrides. Flink masks what it takes for secrets, but not all: let only known keys out.
func (c *Client) JobManagerConfig(ctx context.Context) (map[string]string, error) {
	var out map[string]string
	_, err := c.fetch(ctx, call{template: "/jobmanager/config"}, func(b []byte) (err error) { out, err = decodeJobManagerConfig(b); return })
	return out, err
}

func decodeJobManagerConfig(data []byte) (map[string]string, error) {
	var list []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	if err := decodeJSON(data, &list); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(list))
	for _, entry := range list {
		if entry.Key == "" {
			return nil, missing("key")
		}
		out[cleanLine(entry.Key, maxName)] = cleanLine(entry.Value, maxLine)
	}
	return out, nil
}
