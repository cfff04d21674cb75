//go:build race

package radio

// underRace says that the race detector is on. It maps address space of its own as it goes.
const underRace = true
