package cli

import (
	"fmt"
	"slices"
	"strings"

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

// nearest is the known key that differs least from one, if it is near; empty where none is. What lacks the beginning of one is near as well.
func nearest(key string, known []string) string {
	plain := strings.ReplaceAll(strings.ToLower(key), "_", "-")
	found, least := "", 0
	for _, candidate := range known {
		apart := distance(plain, candidate)
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

// distance is how many letters must be put in, taken out, changed or swapped with their neighbor to make b of a (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			changed := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				changed++
			}
			rows[i][j] = min(changed, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
