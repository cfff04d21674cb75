package show

import (
	"strings"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

func TestTerminal(t *testing.T) {
	text := func(columns int, trueColour bool, h, w int, pix ...uint8) string {
		text, err := Terminal(&image.RGB{H: h, W: w, Pix: pix}, columns, trueColour)
		require.NoError(t, err)
		return text
	}
	pix := []uint8{
		255, 0, 0, 255, 0, 0, // red red
		0, 255, 0, 0, 255, 0, // green green
		0, 0, 255, 255, 255, 255, // blue white
	}
	require.Equal(t, "\x1b[38;2;255;0;0;48;2;0;255;0m▀▀\x1b[0m\n\x1b[38;2;0;0;255m▀\x1b[38;2;255;255;255m▀\x1b[0m\n", text(80, true, 3, 2, pix...))
	require.Equal(t, "\x1b[38;5;196;48;5;46m▀▀\x1b[0m\n\x1b[38;5;21m▀\x1b[38;5;231m▀\x1b[0m\n", text(80, false, 3, 2, pix...))
	require.Equal(t, 2*3, strings.Count(text(3, true, 32, 24, make([]uint8, 32*24*3)...), "▀"))
}

// TestCube: the nearest of the levels, for every value.
func TestCube(t *testing.T) {
	levels := []int{0, 95, 135, 175, 215, 255}
	for v := range 256 {
		near := 0
		for i, l := range levels {
			if abs(v-l) < abs(v-levels[near]) {
				near = i
			}
		}
		got := cube([3]uint8{uint8(v), 0, 0})
		require.Equal(t, abs(v-levels[near]), abs(v-levels[(got-16)/36]), v)
	}
}

func abs(x int) int { return max(x, -x) }
