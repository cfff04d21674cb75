package output

import (
	"strconv"

	"cradio/radio"
	"cradio/radio/output/internal/line"
)

// About describes the origin of the numbers in a file, and which of them are written.
type About struct {
	Model     string       // the name that the user gave: a folder, or "synthetic:B"
	Synthetic bool         // the weights are synthetic
	Features  bool         // write the features of each patch, those of adaptors included
	Layout    radio.Layout // of features; the default is NLC
	DType     DType        // of the numbers in the file
	Missing   Missing      // what an .npy file holds for a failed image
	Version   string       // of the program that writes the file, "v1.2.3"; may be empty
	// Settings describes everything that the numbers depend on, except the model. Lines with
	// other settings are an error in Resume.
	Settings string
	// Identity returns the identity of the model, such as radio.Model.Identity. Lines of
	// another model are an error in Resume. Identity is called before each line of .jsonl,
	// and in Commit for other formats. Its error ends the run, for example if the checkpoint
	// has changed. If Identity is nil, files have no identity and lines cannot be resumed.
	Identity func() (string, error)
}

// Missing selects what an .npy file holds for failed images.
type Missing string

// The choices for failed images.
const (
	Skip Missing = "skip" // nothing: the rows are the images that have features; the same as the zero value
	NaN  Missing = "nan"  // a row of NaN, so that row i is input i
)

// identity calls Identity.
func (a *About) identity() (string, error) {
	if a.Identity == nil {
		return "", nil
	}
	return a.Identity()
}

// layout is the layout of features.
func (a *About) layout() string {
	if a.Layout == "" {
		return string(radio.NLC)
	}
	return string(a.Layout)
}

// SyntheticNote is in every file of a synthetic model.
const SyntheticNote = "synthetic weights: the features carry no meaning"

// fact is one entry of a file's metadata.
type fact struct{ name, text string }

// facts returns the metadata of a file. All texts are valid UTF-8.
func (a *About) facts(identity string) []fact {
	list := []fact{{"model", line.Valid(a.Model)}, {"synthetic", strconv.FormatBool(a.Synthetic)}}
	for _, f := range []fact{{"identity", identity}, {"settings", line.Valid(a.Settings)}, {"cradio", line.Valid(a.Version)}} {
		if f.text != "" {
			list = append(list, f)
		}
	}
	if a.Synthetic {
		list = append(list, fact{"note", SyntheticNote})
	}
	return append(list, fact{"dtype", a.DType.String()}, fact{"layout", a.layout()})
}
