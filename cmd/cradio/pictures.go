package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// extensions are the names under which folders are searched for pictures.
var extensions = []string{".bmp", ".gif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}

func isPicture(path string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(path)))
}

// stdinName stands for the picture on standard input.
const stdinName = "-"

// pictures turns arguments into the names of pictures, in order: a file as it
// is, a folder's pictures at any depth sorted by path, what a pattern matches,
// "-" for standard input, and @FILE for the lines of a file.
func pictures(cmd *cobra.Command, args []string) ([]string, error) {
	var all []string
	for _, arg := range args {
		names, err := expand(cmd, arg)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	if first := slices.Index(all, stdinName); first >= 0 && slices.Contains(all[first+1:], stdinName) {
		return nil, usage(cmd, "- is given twice: standard input holds one picture")
	}
	return all, nil
}

func expand(cmd *cobra.Command, arg string) ([]string, error) {
	if arg == stdinName {
		return []string{arg}, nil
	}
	if list, ok := strings.CutPrefix(arg, "@"); ok {
		return readList(cmd, list)
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return searchFolder(cmd, arg)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(arg, "*?["):
		return matchPattern(cmd, arg)
	}
	return []string{arg}, nil // one that cannot be read is reported when its turn comes
}

func matchPattern(cmd *cobra.Command, pattern string) ([]string, error) {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return nil, usage(cmd, "%s: not a pattern (%v)", pattern, err)
	}
	// As shells do, * leaves out hidden files.
	hidden := strings.HasPrefix(filepath.Base(pattern), ".")
	matches = slices.DeleteFunc(matches, func(path string) bool {
		return !isPicture(path) || !hidden && strings.HasPrefix(filepath.Base(path), ".")
	})
	if len(matches) == 0 {
		return nil, fmt.Errorf("%s: no pictures match (%s)", pattern, strings.Join(extensions, " "))
	}
	return matches, nil
}

// searchFolder finds pictures by their extensions. Hidden files and folders are
// passed over, and links to folders not followed.
func searchFolder(cmd *cobra.Command, dir string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && isPicture(path):
			found = append(found, path)
		}
		return cmd.Context().Err()
	})
	if err != nil {
		return nil, fmt.Errorf("searching %s: %w", dir, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no pictures in this folder (%s)", dir, strings.Join(extensions, " "))
	}
	slices.Sort(found)
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", dir, count(len(found), "picture"))
	return found, nil
}

// readList reads a file of paths, one a line; "@-" is standard input. Paths are
// taken as they are, relative to where the program runs.
func readList(cmd *cobra.Command, path string) ([]string, error) {
	in := cmd.InOrStdin()
	if path != stdinName {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("list of pictures: %w (a picture whose name begins with @ is given as ./@…)", err)
		}
		defer f.Close()
		in = f
	}
	var names []string
	s := bufio.NewScanner(in)
	for s.Scan() {
		if line := strings.TrimSuffix(s.Text(), "\r"); line != "" {
			names = append(names, line)
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("list of pictures %s: %w", path, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("list of pictures %s: is empty; wants a path on each line", path)
	}
	return names, nil
}

// maxStdin bounds a picture on standard input, bytes.
const maxStdin = 1 << 30

// input is a picture that the encoder loads when its turn comes.
func input(cmd *cobra.Command, enc *radio.Encoder, name string) radio.Input {
	if name != stdinName {
		return enc.File(name)
	}
	return radio.Input{Name: name, Load: func() (*image.RGB, error) {
		data, err := readStdin(cmd)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return enc.Bytes("standard input", data).Load()
	}}
}

// readStdin reads all of it, or stops waiting when the command is cancelled.
func readStdin(cmd *cobra.Command) ([]byte, error) {
	read := make(chan []byte, 1)
	failed := make(chan error, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxStdin+1))
		if err == nil && len(data) > maxStdin {
			err = fmt.Errorf("more than %d bytes; give a file", maxStdin)
		}
		if err != nil {
			failed <- err
			return
		}
		read <- data
	}()
	select {
	case data := <-read:
		return data, nil
	case err := <-failed:
		return nil, err
	case <-cmd.Context().Done():
		return nil, cmd.Context().Err()
	}
}

// count is "1 picture", "2 pictures".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
