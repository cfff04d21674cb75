package output

import (
	"cradio/radio"
)

// About says where the numbers of a file come from, and which are written.
type About struct {
	Model     string       // as the user named it: a folder, or "synthetic:B"
	Synthetic bool         // the weights are synthetic
	Features  bool         // spatial features are written, of adaptors too
	Layout    radio.Layout // of features
	// Settings is everything else that the numbers depend on, as text. Resume
	// refuses lines that were computed with other settings.
	Settings string
}

// SyntheticNote is what every file of a synthetic model says.
const SyntheticNote = "synthetic weights: the features carry no meaning"
