package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cradio/radio/image"
)

// leftOut counts the files that a search skips, by extension, so that the user learns of
// them.
type leftOut map[string]int

// notFiles is the name under which pipes, sockets and devices are counted.
const notFiles = "special files"

func (l leftOut) String() string {
	order := func(ext string) int {
		if slices.Contains(image.OtherExtensions, ext) {
			return 0 // images in other formats first: the user most likely meant them
		}
		return 1
	}
	kinds := slices.SortedFunc(maps.Keys(l), func(a, b string) int {
		return cmp.Or(order(a)-order(b), l[b]-l[a], cmp.Compare(a, b))
	})
	const most = 12 // extensions to list
	var list []string
	for i, ext := range kinds {
		if i == most {
			rest := 0
			for _, ext := range kinds[most:] {
				rest += l[ext]
			}
			list = append(list, fmt.Sprintf("%d of %d other kinds", rest, len(kinds)-most))
			break
		}
		text := fmt.Sprintf("%d %s", l[ext], cmp.Or(shown(ext), "without extension"))
		if order(ext) == 0 {
			text += fmt.Sprintf(" (convert them: magick mogrify -format png *%s)", ext)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}
