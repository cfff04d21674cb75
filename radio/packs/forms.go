package packs

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Weights lists the weights that are not packed.
func (p *Pack) Weights() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range p.file.Names() {
			if !strings.Contains(name, "/") && !yield(name) {
				return
			}
		}
	}
}

// Form is the packed form of a matrix.
type Form struct {
	Weight    string            // the name of the weight
	Entry     int               // the matrix is this entry of the weight along its first axis; -1: it is all of it
	Precision string            // of the matrix, which may be another one than the pack's
	Sections  map[string][]byte // by name: read-only, valid until Close
}

// Forms lists the packed forms, in the order of the file's names.
func (p *Pack) Forms() ([]Form, error) {
	var forms []Form
	at := map[string]int{}
	for _, name := range p.file.Names() {
		of, section, packed := cutSection(name)
		if !packed {
			continue
		}
		data, err := p.file.Bytes(name)
		if err != nil {
			return nil, err
		}
		i, ok := at[of]
		if !ok {
			weight, precision, _ := strings.Cut(of, "/")
			f := Form{Precision: precision, Sections: map[string][]byte{}}
			if f.Weight, f.Entry, err = cutEntry(weight); err != nil {
				return nil, fmt.Errorf("tensor %q: %w", name, err)
			}
			i = len(forms)
			at[of] = i
			forms = append(forms, f)
		}
		forms[i].Sections[section] = data
	}
	return forms, nil
}

// cutSection splits "WEIGHT/PRECISION/SECTION" before the section. packed is false for a weight.
func cutSection(name string) (of, section string, packed bool) {
	weight, rest, packed := strings.Cut(name, "/")
	precision, section, _ := strings.Cut(rest, "/")
	return weight + "/" + precision, section, packed
}

// cutEntry splits "x[3]" into x and 3. The entry of "x" is -1.
func cutEntry(name string) (weight string, entry int, err error) {
	weight, index, found := strings.Cut(name, "[")
	if !found {
		return name, -1, nil
	}
	entry, err = strconv.Atoi(strings.TrimSuffix(index, "]"))
	if err != nil || entry < 0 || fmt.Sprintf("%s[%d]", weight, entry) != name {
		return "", 0, fmt.Errorf("want a weight, or an entry of one such as %q, found %q", weight+"[0]", name)
	}
	return weight, entry, nil
}
