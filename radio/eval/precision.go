package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// AveragePrecision returns the area under the steps of precision over recall, as
// scikit-learn computes it: Σ (R_i − R_{i−1})·P_i over the thresholds, without
// interpolation. Rows with equal scores pass a threshold together. It is NaN without
// positives. Leave out rows whose target is not known.
func AveragePrecision[T float32 | float64](scores []T, targets []bool) (float64, error) {
	if len(scores) != len(targets) {
		return 0, fmt.Errorf("there are %d scores and %d targets: give one target a score", len(scores), len(targets))
	}
	positives := 0
	order := make([]int, len(scores))
	for i, v := range scores {
		if v != v {
			return 0, fmt.Errorf("the score of row %d is NaN", i)
		}
		if targets[i] {
			positives++
		}
		order[i] = i
	}
	if positives == 0 {
		return math.NaN(), nil
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	area, found, before := 0.0, 0, 0
	for i, row := range order {
		if targets[row] {
			found++
		}
		if i+1 < len(order) && scores[order[i+1]] == scores[row] {
			continue
		}
		area += float64(found-before) / float64(positives) * float64(found) / float64(i+1)
		before = found
	}
	return area, nil
}
