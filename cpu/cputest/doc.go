// Package cputest is the suite that every level of package cpu passes: each
// operation against a naive float64 definition on odd sizes, each gradient
// against finite differences, the same bits on any number of threads, NaN and
// infinity passed on, no allocation, no access outside the operands.
//
// A test calls Run once for each level that the machine has. The operands lie
// against unreadable pages where the system has them (guard_unix.go).
//
// Start with suite.go; naive.go holds the definitions.
package cputest
