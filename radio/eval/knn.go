package eval

import (
	"fmt"
	"math"
)

// Temperature is the one of NVlabs/RADIO, of DINO and of DINOv2.
const Temperature = 0.07

// Votes adds up the votes for each class of the k nearest neighbours of query q. A neighbour
// votes for its label with exp(cosine / temperature). votes has one element a class.
func (n *Neighbours) Votes(labels []int, q, k int, temperature float64, votes []float64) {
	clear(votes)
	for j := range min(k, n.K) {
		at := q*n.K + j
		votes[labels[n.Rows[at]]] += math.Exp(n.Cosine[at] / temperature)
	}
}

// Predict returns the class with the most votes for each query. Of equal ones it is the
// lowest.
func (n *Neighbours) Predict(labels []int, classes, k int, temperature float64) []int {
	votes := make([]float64, classes)
	answers := make([]int, n.Queries())
	for q := range answers {
		n.Votes(labels, q, k, temperature, votes)
		answers[q] = best(votes)
	}
	return answers
}

// Ranks returns for each query how many classes come before its true class: those with more
// votes, and lower ones with as many. It is 0 where the answer is right. A class without
// votes comes after all others.
func (n *Neighbours) Ranks(labels, truth []int, classes, k int, temperature float64) []int {
	votes := make([]float64, classes)
	ranks := make([]int, n.Queries())
	for q := range ranks {
		n.Votes(labels, q, k, temperature, votes)
		if votes[truth[q]] == 0 {
			ranks[q] = classes
			continue
		}
		for c, v := range votes {
			if v > votes[truth[q]] || v == votes[truth[q]] && c < truth[q] {
				ranks[q]++
			}
		}
	}
	return ranks
}

// CheckVotes returns an error for settings with which nothing can be voted on.
func CheckVotes(k, classes int, temperature float64) error {
	switch {
	case k < 1:
		return fmt.Errorf("k is %d: must be at least 1", k)
	case classes < 1:
		return fmt.Errorf("the number of classes is %d: must be at least 1", classes)
	case !(temperature >= leastTemperature) || math.IsInf(temperature, 1):
		return fmt.Errorf("the temperature is %g: must be a number of at least %g; NVlabs takes %g", temperature, leastTemperature, Temperature)
	}
	return nil
}

// leastTemperature keeps exp(1 / temperature) finite.
const leastTemperature = 1.0 / 700

// best returns the index of the largest value, the first of equal ones.
func best(values []float64) int {
	at := 0
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}
