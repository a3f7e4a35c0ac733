package observe

import (
	"strconv"
	"testing"

	"checkpointhealth.dev/operator/controllers/model"
)

// However many vertices fail to answer, what else was not read is named.
func TestGapsOfOneKindHideNoOther(t *testing.T) {
	var gaps []model.Gap
	for i := range 100 {
		gaps = addGap(gaps, model.Gap{Kind: model.GapWork, Signal: strconv.Itoa(i)})
	}
	logs := model.Gap{Kind: model.GapLogs, Signal: "log"}
	gaps = addGap(addGap(gaps, logs), logs)
	if len(gaps) != maxGapsOfAKind+1 || gaps[maxGapsOfAKind] != logs {
		t.Errorf("%d gaps, the last %+v; want %d of one kind, and the other once", len(gaps), gaps[len(gaps)-1], maxGapsOfAKind)
	}
}
