// Package libcudasim is NVIDIA's driver without a GPU: it puts functions on package ptxsim in the
// place of libcuda's, so that gorgonia.org/cu and what is built on it run on any machine. It is
// for tests, and is there with the build tags nvidia and cudasim only.
//
// Work on a stream is done as late as a driver may do it, when something waits for it; or copies, or launches, as early.
// Start with sim.go, then streams.go and events.go.
package libcudasim
