// Package line reads and writes the lines of a .jsonl file of features, as far as their head: which
// image a line is of, and where its numbers come from.
package line
