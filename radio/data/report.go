package data

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// imbalance is from which ratio of the largest to the smallest class on it is said.
const imbalance = 10

// mostNamed is how many classes or files a line names.
const mostNamed = 5

// Report describes the set in lines: the pictures and classes of each part, what was skipped,
// and what a user should know before the figures are believed.
func (d *Dataset) Report() (lines, warnings []string) {
	lines = slices.Clone(d.Notes)
	parts := Parts()
	if !d.HasParts() {
		parts = []Part{""}
	}
	for _, p := range parts {
		rows := d.Part(p)
		if len(rows) == 0 {
			continue
		}
		name := string(p)
		if name == "" {
			name = "all"
		}
		if len(d.Classes) == 0 {
			lines = append(lines, fmt.Sprintf("%s: %s", name, many(len(rows), "picture")))
			continue
		}
		counts := d.Counts(p)
		least, most, seen := -1, 0, 0
		for c, n := range counts {
			if n == 0 {
				continue
			}
			seen++
			if least < 0 || n < counts[least] {
				least = c
			}
			if n > counts[most] {
				most = c
			}
		}
		each := strconv.Itoa(counts[most])
		if seen > 0 && counts[least] != counts[most] {
			each = of(counts[least], d.Classes[least]) + " to " + of(counts[most], d.Classes[most])
		}
		line := fmt.Sprintf("%s: %s of %s, %s each", name, many(len(rows), "picture"), many(seen, "class"), each)
		if n := d.without(rows); n > 0 {
			line += fmt.Sprintf(", %d without a class", n)
		}
		if n := d.notKnown(rows); n > 0 {
			line += fmt.Sprintf("; %s not known", many(n, "label")+plural(n, " is", " are"))
		}
		lines = append(lines, line)
		if seen > 0 && counts[most] >= imbalance*counts[least] {
			warnings = append(warnings, fmt.Sprintf("%s is imbalanced: %s, %s; accuracy follows the large classes, see the mean of recalls",
				name, of(counts[most], d.Classes[most]), of(counts[least], d.Classes[least])))
		}
	}
	if d.HasParts() {
		train := d.Counts(Train)
		for _, p := range []Part{Val, Test} {
			var lacking []string
			for c, n := range d.Counts(p) {
				if n > 0 && train[c] == 0 {
					lacking = append(lacking, d.Classes[c])
				}
			}
			if len(lacking) > 0 {
				warnings = append(warnings, fmt.Sprintf("%s has pictures of %s that train lacks: %s; they are always answered wrong", p, many(len(lacking), "class"), some(lacking)))
			}
		}
	}
	if text := d.contradicted(); text != "" {
		warnings = append(warnings, text)
	}
	if n := d.LeftOut; n > 0 {
		lines = append(lines, fmt.Sprintf("%s left out: no pictures by their extension", many(n, "file")))
	}
	return lines, append(warnings, d.skips()...)
}

// Turned says how many pictures have an EXIF orientation other than upright, for those who do not apply it. It is empty
// if none has, or if Read has not read them.
func (d *Dataset) Turned() string {
	n := 0
	for i := range d.Items {
		if d.Items[i].Turned {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s an EXIF orientation that is not applied: the model sees them as they are stored, on a side or upside down", n, many(len(d.Items), "picture")+plural(len(d.Items), " has", " have"))
}

// contradicted says that copies of a picture have other labels than it has. It is empty where none have.
func (d *Dataset) contradicted() string {
	if !d.Hashed || len(d.Classes) == 0 {
		return ""
	}
	first := map[[sha256.Size]byte]*Item{}
	n, example := 0, ""
	for i := range d.Items {
		item := &d.Items[i]
		before, there := first[item.SHA256]
		if !there {
			first[item.SHA256] = item
			continue
		}
		if slices.Equal(before.Labels, item.Labels) {
			continue
		}
		if n++; n == 1 {
			example = fmt.Sprintf("%s is %s, %s is %s", before.Path, d.named(before.Labels), item.Path, d.named(item.Labels))
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s the contents of another with other labels: %s; give them the same, or keep one of them", many(n, "picture")+plural(n, " has", " have"), example)
}

// named are the names of labels.
func (d *Dataset) named(labels []int) string {
	var names []string
	for _, l := range labels {
		names = append(names, d.Classes[l])
	}
	return cmp.Or(some(names), "nothing")
}

// without counts the items that have no class, and of which all are known.
func (d *Dataset) without(rows []int) (n int) {
	for _, i := range rows {
		if len(d.Items[i].Labels)+len(d.Items[i].Unknown) == 0 {
			n++
		}
	}
	return n
}

// notKnown counts the labels of items that are not known.
func (d *Dataset) notKnown(rows []int) (n int) {
	for _, i := range rows {
		n += len(d.Items[i].Unknown)
	}
	return n
}

// skips describes what was skipped.
func (d *Dataset) skips() (lines []string) {
	straddling, unreadable := 0, 0
	for _, s := range d.Skipped {
		if errors.Is(s.Err, ErrStraddles) {
			straddling++
		} else {
			unreadable++
		}
	}
	if unreadable > 0 {
		lines = append(lines, fmt.Sprintf("%s cannot be read and %s skipped", many(unreadable, "picture"), plural(unreadable, "is", "are")))
	}
	if straddling > 0 {
		lines = append(lines, fmt.Sprintf("%s left out of a part, since the same contents are in a later part", many(straddling, "picture")))
	}
	return lines
}

// Check returns an error unless the set can be evaluated: two classes in train, or of several labels a
// picture one class that not all pictures have.
func (d *Dataset) Check() error {
	seen, only := 0, ""
	for c, n := range d.Counts(Train) {
		if n > 0 {
			seen++
			only = d.Classes[c]
		}
	}
	switch {
	case len(d.Part(Train)) == 0:
		return fmt.Errorf("%s: the part train has no pictures; give more pictures, or smaller fractions to val and test", d.Path)
	case seen == 0:
		return fmt.Errorf("%s: no picture of train has a class: want at least one that has, and one that has not", d.Path)
	case seen == 1 && d.without(d.Part(Train)) == 0:
		return fmt.Errorf("%s: train has one class only, %s: want at least two", d.Path, only)
	}
	return nil
}

func of(n int, class string) string { return fmt.Sprintf("%d (%s)", n, class) }

func some(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}

func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if noun == "class" {
		noun = "classe"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
