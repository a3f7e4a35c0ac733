package diagnose

import "testing"

// What leaves a source with a filter or a window chained behind it counts none of its elements, unless it is a flow.
func TestASourceThatLetsFewOut(t *testing.T) {
	for _, tt := range []struct {
		name string
		out  int64
		want pace
	}{
		{"Source: ferries", 0, pace{one: true}}, {"Source: ferries -> late ones", 0, pace{}},
		{"Source: ferries -> late ones", 1, pace{}}, {"Source: ferries -> late ones", 2000, pace{many: true}},
	} {
		s := expiredThrice(4, shares{absentAll, absentAll, absentAll})
		s.Vertices[source].Name = tt.name
		for i := range 4 {
			works(s, source, i, 300, tt.out)
		}
		if got := featuresOf(t, s).paceOf(source, 0); got.one != tt.want.one || got.many != tt.want.many {
			t.Errorf("%s that gave %d: %+v, want %+v", tt.name, tt.out, got, tt.want)
		}
	}
}
