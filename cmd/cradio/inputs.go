package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// stdinName stands for the image on standard input.
const stdinName = "-"

// inputs is what the arguments of a command point at.
type inputs struct {
	cmd      *cobra.Command
	names    []string  // of images, in the order of the arguments
	failures []failure // folders and links that could not be followed
}

// gather finds the images: a file as it is, a folder's images at any depth sorted by
// path, what a pattern matches, "-" for standard input, and @FILE for the paths in a
// file. What is passed over is counted on standard error.
func gather(cmd *cobra.Command, args []string) (*inputs, error) {
	in := &inputs{cmd: cmd}
	uses := 0
	for _, arg := range args {
		if arg == stdinName || arg == "@"+stdinName {
			uses++
		}
	}
	if uses > 1 {
		return nil, usage(cmd, "- is given twice: standard input holds one image, or one list")
	}
	for _, arg := range args {
		if err := in.add(arg); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// count is how many inputs there are, those that failed already among them.
func (in *inputs) count() int { return len(in.names) + len(in.failures) }

func (in *inputs) add(arg string) error {
	if arg == "" {
		return usage(in.cmd, `an IMAGE is "", the empty text: must be a file, a folder or a pattern`)
	}
	if arg == stdinName {
		in.names = append(in.names, arg)
		return nil
	}
	if list, ok := strings.CutPrefix(arg, "@"); ok {
		return in.addList(list)
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return in.addFolder(arg)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?[{"):
		return in.addPattern(arg)
	}
	in.names = append(in.names, arg) // one that cannot be read is reported when its turn comes
	return nil
}

// addFolder adds the images in a folder.
func (in *inputs) addFolder(dir string) error {
	s := newSearch(in.cmd.Context())
	if err := s.folder(dir); err != nil {
		return fmt.Errorf("searching %s: %w", shown(dir), err)
	}
	return in.take(s, dir, "no images in this folder")
}

// take adds what a search found, and says so.
func (in *inputs) take(s *search, what, none string) error {
	slices.Sort(s.found)
	left := ""
	if len(s.left) > 0 {
		left = "; left out: " + s.left.String()
	}
	if len(s.found) == 0 && len(s.failures) == 0 {
		return &noImages{fmt.Sprintf("%s: %s (%s)%s", shown(what), none, strings.Join(image.Extensions, " "), left)}
	}
	in.names = append(in.names, s.found...)
	in.failures = append(in.failures, s.failures...)
	say("%s: %s%s", shown(what), count(len(s.found), "image"), left)
	return nil
}

// noImages is the error of a folder or a pattern that gives nothing.
type noImages struct{ reason string }

func (n *noImages) Error() string { return n.reason }

// count is "1 image", "2 images".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
