package cli

import (
	"fmt"
	"slices"
	"strings"

	edlib "github.com/hbollon/go-edlib"

	"checkpointhealth.dev/operator/controllers/observe"
)

// maxMisspelled bounds how many keys are remarked.
const maxMisspelled = 5

// misspelled remarks keys of a Flink configuration that nothing reads and that are nearly one that the diagnosis reads. Keys that are far from all of
// these are somebody else's: nothing is said of them.
func misspelled(keys []string) []string {
	known := observe.SettingKeys()
	var remarks []string
	for _, key := range keys {
		if slices.Contains(known, key) {
			continue
		}
		if near := nearest(key, known); near != "" && len(remarks) < maxMisspelled {
			remarks = append(remarks, fmt.Sprintf("%s is no key that is read here; is %s meant?", key, near))
		}
	}
	return remarks
}

// nearest is the known key that differs least from one, if it is near: letters put in, taken out, changed or swapped count (optimal string alignment); empty where none is. What lacks the beginning of one is near as well.
func nearest(key string, known []string) string {
	plain := strings.ReplaceAll(strings.ToLower(key), "_", "-")
	found, least := "", 0
	for _, candidate := range known {
		apart := edlib.OSADamerauLevenshteinDistance(plain, candidate)
		// A slip or two, in a long key three: execution.checkpoint.timeout lacks three letters of 31. Two keys of Flink are further apart, such as
		// jobmanager.memory.heap.size and jobmanager.memory.off-heap.size by four.
		headless := strings.Contains(plain, ".") && strings.HasSuffix(candidate, "."+plain)
		if apart > min(max(2, len(candidate)/8), 3) && !headless {
			continue
		}
		if found == "" || apart < least {
			found, least = candidate, apart
		}
	}
	return found
}
