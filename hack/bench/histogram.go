package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// families reads a Prometheus endpoint.
func families(ctx context.Context, address string) (map[string]*dto.MetricFamily, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return parsed, nil
}

// buckets is a cumulative histogram: how many were at most that long, by upper bound in seconds.
type buckets struct {
	bounds []float64
	counts []uint64
	total  uint64
}

func histogram(family *dto.MetricFamily) (buckets, error) {
	if family == nil || len(family.GetMetric()) == 0 {
		return buckets{}, errors.New("the manager serves no schedule lag")
	}
	h := family.GetMetric()[0].GetHistogram()
	b := buckets{total: h.GetSampleCount()}
	for _, bucket := range h.GetBucket() {
		if math.IsInf(bucket.GetUpperBound(), 1) {
			continue
		}
		b.bounds, b.counts = append(b.bounds, bucket.GetUpperBound()), append(b.counts, bucket.GetCumulativeCount())
	}
	return b, nil
}

func (b buckets) count() uint64 { return b.total }

// since is what came after an earlier reading.
func (b buckets) since(earlier buckets) buckets {
	later := buckets{bounds: b.bounds, total: b.total - earlier.total}
	for i := range b.counts {
		before := uint64(0)
		if i < len(earlier.counts) {
			before = earlier.counts[i]
		}
		later.counts = append(later.counts, b.counts[i]-before)
	}
	return later
}

// quantile is the upper bound of the bucket that holds the quantile: the true value is not above it. Infinite where none holds it.
func (b buckets) quantile(q float64) float64 {
	if b.total == 0 {
		return math.NaN()
	}
	for i, count := range b.counts {
		if float64(count) >= q*float64(b.total) {
			return b.bounds[i]
		}
	}
	return math.Inf(1)
}
