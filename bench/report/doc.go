// Package report holds the results of measurements: cases, rounds, medians and ratios. It reads and
// writes them as JSON, and prints them as a table or draws them as a plot. It knows neither models
// nor how measurements are made: that is package bench.
package report
