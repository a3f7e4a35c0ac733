package controllers

import (
	"strings"
	"testing"
)

func TestProxyAddressIsNotShown(t *testing.T) {
	for _, proxy := range []string{"ftp://admin:hunter2@proxy:3128", "http://admin:hunter2@pro xy"} {
		if _, err := flinkTransport(proxy); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error = %v, want one that does not show %s", err, proxy)
		}
	}
}
