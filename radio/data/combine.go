package data

import "fmt"

// Combine returns a set of the pictures of base, and of other sets as its parts val or test.
// Classes are the same if their names are. base keeps its own parts; it must not have those
// that are added. The others must not be split.
func Combine(base *Dataset, others map[Part]*Dataset) (*Dataset, error) {
	b := newBuilder(base.Path)
	if err := b.addSet(base, ""); err != nil {
		return nil, err
	}
	for _, p := range Parts() {
		d, ok := others[p]
		if !ok {
			continue
		}
		switch {
		case len(base.Part(p)) > 0:
			return nil, fmt.Errorf("%s: has a part %s already; leave out %s", base.Path, p, d.Path)
		case d.HasParts():
			return nil, fmt.Errorf("%s: is split into train, val or test; for the part %s give the folder of one part", d.Path, p)
		case d.MultiLabel != base.MultiLabel:
			return nil, fmt.Errorf("%s and %s: one of them has several labels a picture; give sets of one kind", base.Path, d.Path)
		}
		if err := b.addSet(d, p); err != nil {
			return nil, err
		}
	}
	out, err := b.finish()
	if err != nil {
		return nil, err
	}
	out.MultiLabel = base.MultiLabel
	return out, nil
}

// addSet adds the pictures of a set to a part, or to the parts they are in.
func (b *builder) addSet(d *Dataset, part Part) error {
	for _, item := range d.Items {
		names := d.names(item.Labels)
		p := part
		if p == "" {
			p = item.Part
		}
		if err := b.add(item.Path, p, names...); err != nil {
			return fmt.Errorf("%s: %w", d.Path, err)
		}
		b.notKnown(d.names(item.Unknown))
	}
	b.d.LeftOut += d.LeftOut
	return nil
}

// names are those of classes.
func (d *Dataset) names(classes []int) []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = d.Classes[c]
	}
	return names
}
