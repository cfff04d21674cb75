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
	// Settings is everything but the model that the numbers depend on, as text. Resume
	// refuses lines that were computed with other settings.
	Settings string
	// Identity tells which model computed the numbers, as radio.Model.Identity does, and
	// Resume refuses lines of another one. It is asked before a line is written, for each
	// anew: an error, as of a checkpoint that was changed meanwhile, ends the run. nil
	// leaves it out, and then the lines cannot be resumed.
	Identity func() (string, error)
}

// identity asks for it.
func (a *About) identity() (string, error) {
	if a.Identity == nil {
		return "", nil
	}
	return a.Identity()
}

// SyntheticNote is what every file of a synthetic model says.
const SyntheticNote = "synthetic weights: the features carry no meaning"
