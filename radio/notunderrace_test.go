//go:build !race

package radio

const underRace = false
