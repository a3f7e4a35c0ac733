package verify

import (
	"encoding/json"
	"fmt"
	"strings"
)

// refused sees that the operator that manages the target does not take the new spec: an error in its status that was not there before the patch,
// while the job runs on with the old spec. Waiting changes nothing, and until the spec is mended its owner's later changes are not rolled out
// either. What is said once the restart is under way is transient (a FailedMount was measured) and left to the deadline.
func (c *verdict) refused() string {
	t := c.object()
	if t.Error == "" || t.ErrorMark() == c.r.Baseline.TargetError || c.savepointFailed() != "" {
		return ""
	}
	if _, began := c.began(); began && c.restarts() {
		return ""
	}
	if c.r.Generation != 0 && t.Generation > c.r.Generation+1 {
		return "" // somebody changed the spec since, and it may be theirs that is refused
	}
	kind, words := operatorsWords(t.Error)
	if !c.unobserved() && !strings.HasSuffix(kind, validation) {
		return ""
	}
	return fmt.Sprintf("the operator that manages %s/%s did not take the new spec, so nothing was rolled out and undoing it restarts nothing: %s",
		t.Kind, t.Name, bounded(words, 240))
}

// validation ends the class of the error that the Flink operator shows for a spec that it refuses (ReconciliationUtils.applyValidationErrorAndResetSpec,
// read in 1.15; measured on 1.7.0). It goes on with the spec that it deployed last.
const validation = "ValidationException"

// operatorsWords are the class and the message of the JSON that the Flink operator writes into status.error; the text itself where it is none, or cut.
func operatorsWords(text string) (kind, words string) {
	var said struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	if json.Unmarshal([]byte(text), &said) == nil && said.Message != "" {
		return said.Type, said.Message
	}
	if strings.Contains(text, validation) {
		kind = validation
	}
	return kind, text
}
