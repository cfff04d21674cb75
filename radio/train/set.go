package train

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/data"
	"cradio/radio/features"
)

// Set is the pictures of a training, each with its target.
type Set struct {
	Path    string // where it is, for messages
	Classes []string
	Several bool // a picture may have several classes
	Train   []Example
	Val     []Example
	// Store has the features of all examples; it must stay open during the run. nil: features are
	// computed. A backbone that runs in each step does not read it.
	Store *features.Store
	// Views is how many of the views in Store a picture is trained on, each epoch on another one; 0 is
	// all of them. The validation part is answered on whole pictures.
	Views int
	// Skip is told of each picture that cannot be read, once, and Warn what to look at in the targets. Both
	// may be nil. Without features a picture is left out; where the backbone runs in each step another
	// picture of its batch takes its place.
	Skip func(picture string, err error)
	Warn func(line string)
	// Cache keeps the features that are computed; nil keeps them in memory, for one run.
	Cache *Cache
}

// Example is a picture and its target: labels, a mask or a depth map.
type Example struct {
	Picture string
	SHA256  string // of its file
	Labels  []int
	Unknown []int  // classes that are not known, of several
	Mask    string // path, or empty
	Depth   string // path, or empty
}

// Labelled is the set of a Dataset that was read and split: its parts train and val. What train
// lacks is an error, since no head could learn it: a class of which val has pictures, or all classes
// but one.
func Labelled(d *data.Dataset) (*Set, error) {
	if !d.Hashed {
		return nil, fmt.Errorf("%s: the set was not read: call Read", d.Path)
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	s := &Set{Path: d.Path, Classes: d.Classes, Several: d.MultiLabel}
	train, val := d.Counts(data.Train), d.Counts(data.Val)
	var lacking []string
	for c, n := range val {
		if n > 0 && train[c] == 0 {
			lacking = append(lacking, d.Classes[c])
		}
	}
	if len(lacking) > 0 {
		return nil, fmt.Errorf("%s: val has classes that train lacks: %s; a head cannot learn them: add pictures of them to train, or remove those of val", d.Path, strings.Join(lacking, ", "))
	}
	for _, item := range d.Items {
		s.add(item.Part, Example{Picture: item.Path, SHA256: hex.EncodeToString(item.SHA256[:]), Labels: item.Labels, Unknown: item.Unknown})
	}
	if n := len(s.Train); n < len(s.Classes) {
		return nil, fmt.Errorf("%s: there are %d classes, and only %d pictures to train on: give at least one for each", d.Path, len(s.Classes), n)
	}
	return s, nil
}

// Masked is the set of a Dataset of pictures without labels that was read and split, with the mask
// of each by the path of the picture. New reads every mask: one of another size than its picture, or
// with a label outside the classes, is an error.
func Masked(d *data.Dataset, masks map[string]string, classes []string) (*Set, error) {
	for i, name := range classes {
		if slices.Contains(classes[:i], name) {
			return nil, fmt.Errorf("%s: two classes are called %s: give each a name of its own", d.Path, name)
		}
	}
	s := &Set{Path: d.Path, Classes: classes}
	for _, item := range d.Items {
		s.add(item.Part, Example{Picture: item.Path, SHA256: hex.EncodeToString(item.SHA256[:]), Mask: masks[item.Path]})
	}
	return s, s.notEmpty()
}

// Depthed is Masked of depth maps.
func Depthed(d *data.Dataset, depths map[string]string) (*Set, error) {
	s := &Set{Path: d.Path}
	for _, item := range d.Items {
		s.add(item.Part, Example{Picture: item.Path, SHA256: hex.EncodeToString(item.SHA256[:]), Depth: depths[item.Path]})
	}
	return s, s.notEmpty()
}

func (s *Set) notEmpty() error {
	if len(s.Train) == 0 {
		return fmt.Errorf("%s: the part train has no pictures; give more pictures, or smaller fractions to val and test", s.Path)
	}
	return nil
}

func (s *Set) add(p data.Part, e Example) {
	switch p {
	case data.Train:
		s.Train = append(s.Train, e)
	case data.Val:
		s.Val = append(s.Val, e)
	}
}

// CountClasses returns one more than the largest label of masks.
func CountClasses(masks []string, opt data.MaskOptions) (int, error) {
	most := -1
	opt.Classes = math.MaxUint8
	for _, path := range masks {
		m, err := data.ReadMask(path, opt)
		if err != nil {
			return 0, err
		}
		for _, c := range m.Pix {
			if c != data.Ignored {
				most = max(most, int(c))
			}
		}
	}
	switch {
	case len(masks) == 0:
		return 0, errors.New("there are no masks to count classes in")
	case most < 0:
		return 0, fmt.Errorf("%s: no pixel of the %d masks counts: all have the label %d; give masks whose pixels have classes", filepath.Dir(masks[0]), len(masks), data.Ignored)
	}
	return most + 1, nil
}
