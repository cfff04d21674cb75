package show

// backgroundLevel is the grey level of patches in the background, 0 to 1.
const backgroundLevel = 0.08

// Colours returns red, green and blue for each token of a grid, 0 to 1. Each component is scaled
// from Low to High, and clamped. A component that is constant or missing is 0.5. In the files
// that upstream writes, red and blue are swapped: the first component is blue.
func (b *Basis) Colours(t Tokens) Map {
	m := Map{Rows: t.Rows, Cols: t.Cols, Channels: 3, Values: make([]float64, 3*t.Rows*t.Cols)}
	scores, in := b.Scores(t.Features), b.Foreground(t.Features)
	k := len(b.Shares)
	for i := range t.Rows * t.Cols {
		for c := range 3 {
			level := 0.5
			if c < k && b.High[c] > b.Low[c] {
				low, high := float64(b.Low[c]), float64(b.High[c])
				level = min(max((scores[i*k+c]-low)/(high-low), 0), 1)
			}
			if !in[i] {
				level = backgroundLevel
			}
			m.Values[3*i+c] = level
		}
	}
	return m
}
