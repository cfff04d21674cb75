// Package line reads and writes the heads of the lines of a .jsonl file of features. A head names the
// image of a line, and the origin of its numbers.
package line
