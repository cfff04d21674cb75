// Package pool runs tasks on a team of threads.
//
// Start with pool.go. helper.go has the life of the team's goroutines, claim.go a way to
// hand out pieces so that a worker can use again what it has prepared, split.go how work
// is cut into pieces, and memory.go the memory that workers own.
package pool
