package output

import (
	"strconv"

	"cradio/radio"
)

// About says where the numbers of a file come from, and which are written.
type About struct {
	Model     string       // as the user named it: a folder, or "synthetic:B"
	Synthetic bool         // the weights are synthetic
	Features  bool         // spatial features are written, of adaptors too
	Layout    radio.Layout // of features; NLC unless told otherwise
	DType     DType        // of the numbers in the file
	Missing   Missing      // what stands in an .npy file for an image that failed
	Version   string       // of the program that writes, "v1.2.3"; may be empty
	// Settings is everything but the model that the numbers depend on, as text. Resume
	// refuses lines that were computed with other settings.
	Settings string
	// Identity tells which model computed the numbers, as radio.Model.Identity does, and
	// Resume refuses lines of another one. In .jsonl it is asked before a line is written,
	// for each anew, elsewhere at Commit: an error, as of a checkpoint that was changed
	// meanwhile, ends the run. nil leaves it out, and then lines cannot be resumed.
	Identity func() (string, error)
}

// Missing says what stands for images that failed.
type Missing string

// In an .npy file, which holds nothing but numbers.
const (
	Skip Missing = "skip" // nothing: its rows are the images that have features; the zero value too
	NaN  Missing = "nan"  // a row of NaN, so that row i is input i
)

// identity asks for it.
func (a *About) identity() (string, error) {
	if a.Identity == nil {
		return "", nil
	}
	return a.Identity()
}

// layout is that of features.
func (a *About) layout() string {
	if a.Layout == "" {
		return string(radio.NLC)
	}
	return string(a.Layout)
}

// SyntheticNote is what every file of a synthetic model says.
const SyntheticNote = "synthetic weights: the features carry no meaning"

// fact is something that a file says of all its numbers.
type fact struct{ name, text string }

// facts are what every file says, in texts that are UTF-8.
func (a *About) facts(identity string) []fact {
	list := []fact{{"model", valid(a.Model)}, {"synthetic", strconv.FormatBool(a.Synthetic)}}
	for _, f := range []fact{{"identity", identity}, {"settings", valid(a.Settings)}, {"cradio", valid(a.Version)}} {
		if f.text != "" {
			list = append(list, f)
		}
	}
	if a.Synthetic {
		list = append(list, fact{"note", SyntheticNote})
	}
	return append(list, fact{"dtype", a.DType.String()}, fact{"layout", a.layout()})
}
