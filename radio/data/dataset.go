package data

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Part is a part of a set. It is empty before the set is split.
type Part string

// The parts.
const (
	Train Part = "train"
	Val   Part = "val"
	Test  Part = "test"
)

// Parts lists the parts, in the order in which they are used.
func Parts() []Part { return []Part{Train, Val, Test} }

// Item is a picture with its labels.
type Item struct {
	Path   string
	Labels []int // classes: exactly one, any number with Dataset.MultiLabel, none in a set without classes
	// Unknown are the classes of which nobody has said whether the picture has them: with Dataset.MultiLabel.
	// They count in no loss and no figure.
	Unknown []int
	Target  string // path of the mask or depth map; empty in a set with labels
	Part    Part
	SHA256  [sha256.Size]byte // of the file; set by Read
	Stamp   Stamp             // of the file whose SHA256 it is; zero if it may change with the same stamp
	Turned  bool              // the EXIF orientation of the file that Read has read is not upright
}

// Dataset is a set of labelled pictures.
type Dataset struct {
	Path       string   // the folder or the list
	Classes    []string // sorted: numbers by value, names in the order of bytes
	Items      []Item
	MultiLabel bool      // a picture may have several labels, or none
	Skipped    []Skipped // pictures that Read or Split has left out
	LeftOut    int       // files that are no pictures, by their extension
	Notes      []string  // what columns of a list, and which pictures, were taken where names are not the usual ones
	Hashed     bool      // Read has been called
	// Known returns the SHA-256 of a file that was read before with this stamp. Read does not read it
	// again. nil knows nothing.
	Known func(path string, s Stamp) (sum [sha256.Size]byte, ok bool)
}

// Skipped is a picture that was left out.
type Skipped struct {
	Path string
	Err  error
}

// The limits of a set.
const (
	MaxItems   = 20_000_000
	MaxClasses = 1 << 16
)

// Open lists a set: a folder with a folder for each class, perhaps below train, val and test;
// or a list, see List. No picture is opened.
func Open(path string) (*Dataset, error) { return Columns{}.Open(path) }

// IsList reports whether a file is a list, by its extension.
func IsList(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv", ".jsonl", ".txt":
		return true
	}
	return false
}

// Pictures returns a set of pictures without labels. path names it in messages.
func Pictures(path string, pictures []string) *Dataset {
	d := &Dataset{Path: path, Items: make([]Item, len(pictures))}
	for i, p := range pictures {
		d.Items[i].Path = p
	}
	return d
}

// OfPairs returns a set of pictures with masks or depth maps; see Pairs. path names it in messages. If all
// pictures are in folders such as train and val below it, then these are the parts.
func OfPairs(path string, pairs []Pair) *Dataset {
	d := &Dataset{Path: path, Items: make([]Item, len(pairs))}
	for i, p := range pairs {
		d.Items[i].Path, d.Items[i].Target = p.Picture, p.Target
	}
	d.byFolders(path)
	return d
}

// Part returns the indices of the items of a part.
func (d *Dataset) Part(p Part) []int {
	var rows []int
	for i, item := range d.Items {
		if item.Part == p {
			rows = append(rows, i)
		}
	}
	return rows
}

// HasParts reports whether the items are in parts.
func (d *Dataset) HasParts() bool {
	return slices.ContainsFunc(d.Items, func(i Item) bool { return i.Part != "" })
}

// Counts returns how many items of a part have each class.
func (d *Dataset) Counts(p Part) []int {
	counts := make([]int, len(d.Classes))
	for _, item := range d.Items {
		if item.Part == p {
			for _, l := range item.Labels {
				counts[l]++
			}
		}
	}
	return counts
}

// builder collects items whose labels are still names.
type builder struct {
	d      *Dataset
	labels [][]string // of each item
	// unknown are the classes that are not known, of the items that have some.
	unknown map[int][]string
	names   map[string]int
	given   Columns // of lists
	listed  bool    // a list says what some pictures are
}

func newBuilder(path string) *builder {
	return &builder{d: &Dataset{Path: path}, names: map[string]int{}, unknown: map[int][]string{}}
}

var errTooMany = errors.New("too many")

// add adds a picture.
func (b *builder) add(path string, part Part, labels ...string) error {
	if len(b.d.Items) == MaxItems {
		return fmt.Errorf("%w pictures: must be at most %d", errTooMany, MaxItems)
	}
	for _, l := range labels {
		b.names[l] = 0
	}
	if len(b.names) > MaxClasses {
		return fmt.Errorf("%w classes: must be at most %d; is the column of labels the right one?", errTooMany, MaxClasses)
	}
	b.d.Items = append(b.d.Items, Item{Path: path, Part: part})
	b.labels = append(b.labels, labels)
	return nil
}

// notKnown says which classes are not known of the picture that was added last.
func (b *builder) notKnown(names []string) {
	if len(names) > 0 {
		b.unknown[len(b.d.Items)-1] = names
	}
}

// finish numbers the classes. A class that is not known of a picture must be that of another one.
func (b *builder) finish() (*Dataset, error) {
	for name := range b.names {
		b.d.Classes = append(b.d.Classes, name)
	}
	sortNames(b.d.Classes)
	for i, name := range b.d.Classes {
		b.names[name] = i
	}
	numbers := func(names []string) (all []int) {
		for _, name := range names {
			all = append(all, b.names[name])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	for i, names := range b.labels {
		item := &b.d.Items[i]
		item.Labels = numbers(names)
		for _, name := range b.unknown[i] {
			if _, ok := b.names[name]; !ok {
				return nil, fmt.Errorf("%s: %s: unknown names the class %q, and no picture has it: is it spelled as in labels?", b.d.Path, item.Path, name)
			}
			if slices.Contains(names, name) {
				return nil, fmt.Errorf("%s: %s: the class %q is in labels and in unknown; remove it from one of them", b.d.Path, item.Path, name)
			}
		}
		item.Unknown = numbers(b.unknown[i])
	}
	return b.d, nil
}

// sortNames sorts names by value if all are whole numbers.
func sortNames(names []string) {
	value := func(s string) int {
		v, _ := strconv.Atoi(s) // checked below
		return v
	}
	numbers := !slices.ContainsFunc(names, func(s string) bool { return strconv.Itoa(value(s)) != s })
	slices.SortFunc(names, func(a, b string) int {
		if numbers {
			return cmp.Compare(value(a), value(b))
		}
		return strings.Compare(a, b)
	})
}
