package train

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/data"
)

// dataDifferences says in what the data of a task differ from those of a checkpoint in a folder, a line for each
// part that does.
func dataDifferences(dir string, c *Checkpoint, t Task) (lines []string) {
	l, ok := t.(Listed)
	is := DataSums{Train: t.Sum()}
	if ok {
		is = l.Sums()
	}
	was := DataSums{c.Data, c.Val}
	sums, before, err := readSamples(filepath.Join(dir, SamplesFile))
	known := ok && err == nil && sums.Train == was.Train && (was.Val == "" || sums.Val == was.Val)
	if known {
		was.Val = sums.Val
	}
	for _, p := range []struct {
		part          data.Part
		name, was, is string
	}{{data.Train, "training", was.Train, is.Train}, {data.Val, "validation", was.Val, is.Val}} {
		if p.was == p.is || p.part == data.Val && !known && p.was == "" { // an earlier version did not keep it
			continue
		}
		which := ""
		if known {
			which = partDiffers(before, l.Listed(), p.part, l.TargetName())
		}
		lines = append(lines, dataDiffer(p.name, p.was, p.is, which))
	}
	return lines
}

// dataDiffer says in what a part of the data differs, by the sums. which names pictures; or is empty.
func dataDiffer(name, was, is, which string) string {
	const none = "0 samples"
	before, _, _ := strings.Cut(cmp.Or(was, none), ",")
	now, _, _ := strings.Cut(cmp.Or(is, none), ",")
	line := fmt.Sprintf("the %s data were %s, are %s", name, before, now)
	switch {
	case which != "" && before == now:
		return fmt.Sprintf("the %s data were %s, and are as many: %s", name, before, which)
	case which != "":
		return line + ": " + which
	case before == now:
		return line + ", of which some have other contents or labels, or another place in the order; the run did not list them"
	}
	return line
}

// partDiffers names the pictures of a part that differ, or says that they are in another order.
func partDiffers(was, is []Sample, part data.Part, target string) string {
	type key struct{ contents, target string }
	before, now := ofPart(was, part), ofPart(is, part)
	there := map[key]int{}
	for _, s := range before {
		there[key{s.Contents, s.Target}]++
	}
	now = slices.DeleteFunc(now, func(s Sample) bool { // what is the same, wherever it is now
		k := key{s.Contents, s.Target}
		there[k]--
		return there[k] >= 0
	})
	left := map[key]int{} // of before, what now lacks
	for k, n := range there {
		left[k] = max(n, 0)
	}
	before = slices.DeleteFunc(before, func(s Sample) bool {
		k := key{s.Contents, s.Target}
		left[k]--
		return left[k] < 0
	})
	byPath, byContents := map[string][]int{}, map[string][]int{}
	for i, s := range before {
		byPath[s.Picture], byContents[s.Contents] = append(byPath[s.Picture], i), append(byContents[s.Contents], i)
	}
	taken := make([]bool, len(before))
	take := func(from []int) *Sample {
		for _, i := range from {
			if !taken[i] {
				taken[i] = true
				return &before[i]
			}
		}
		return nil
	}
	var added, gone, contents, targets []string
	for _, s := range now {
		old := take(byPath[s.Picture])
		if old == nil {
			old = take(byContents[s.Contents])
		}
		switch {
		case old == nil:
			added = append(added, s.Picture)
		case old.Contents != s.Contents:
			contents = append(contents, s.Picture)
		default:
			targets = append(targets, s.Picture)
		}
	}
	for i, s := range before {
		if !taken[i] {
			gone = append(gone, s.Picture)
		}
	}
	var parts []string
	for _, p := range []struct {
		names     []string
		one, many string
	}{
		{added, "is new", "are new"}, {gone, "is not among them any more", "are not among them any more"},
		{contents, "has other contents", "have other contents"}, {targets, "has " + target, "have " + target},
	} {
		if n := len(p.names); n == 1 {
			parts = append(parts, fmt.Sprintf("1 %s (%s)", p.one, p.names[0]))
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, p.many, firstOf(p.names)))
		}
	}
	if len(parts) == 0 {
		return "they are in another order"
	}
	return strings.Join(parts, ", ")
}

func ofPart(list []Sample, part data.Part) (of []Sample) {
	for _, s := range list {
		if s.Part == part {
			of = append(of, s)
		}
	}
	return of
}

// named is how many pictures of a kind a message names.
const named = 3

// firstOf names the first of a list.
func firstOf(names []string) string {
	if len(names) > named {
		return strings.Join(names[:named], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
