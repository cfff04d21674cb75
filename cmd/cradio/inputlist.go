package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxList bounds a list of images, bytes.
const maxList = 1 << 28

// addList adds the images and folders of a list of paths; "-" is standard input. Paths
// are relative to the working directory. Patterns in them are not expanded.
func (in *inputs) addList(path string) error {
	names, err := in.readList(path)
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case err == nil && info.IsDir():
			err = in.addFolder(name)
			if empty := (*noImages)(nil); errors.As(err, &empty) || err != nil && in.cmd.Context().Err() == nil {
				in.failures = append(in.failures, newFailure(name, err)) // one entry of many
				continue
			}
			if err != nil {
				return err
			}
		case name == stdinName:
			in.names = append(in.names, "./"+name) // a file of that name
		default:
			in.names = append(in.names, name)
		}
	}
	return nil
}

func (in *inputs) readList(path string) (names []string, err error) {
	from := in.cmd.InOrStdin()
	if path != stdinName {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("list of images: %w (an image whose name begins with @ is given as ./@…)", err)
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, maxList+1))
	switch {
	case err != nil:
	case len(data) > maxList:
		err = fmt.Errorf("has more than %d bytes; split the list", maxList)
	default:
		names, err = splitList(data)
	}
	if err != nil {
		return nil, fmt.Errorf("list of images %s: %w", shown(path), err)
	}
	return names, nil
}

// maxPath bounds a path in a list, bytes. No system supports longer paths.
const maxPath = 1 << 15

// splitList returns the paths in a list: one on each line, or each followed by NUL, as
// `find -print0` writes them. UTF-8 may begin with a byte order mark; UTF-16 is decoded.
func splitList(data []byte) ([]string, error) {
	if kind := notAList(data); kind != "" {
		return nil, fmt.Errorf("holds %s, not a path on each line; give an image without the @", kind)
	}
	text, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	if text == "" || strings.TrimSpace(text) == "" {
		return nil, errors.New("is empty; want a path on each line")
	}
	separator, blank := "\n", func(s string) bool { return strings.TrimSpace(s) == "" }
	if strings.Contains(text, "\x00") {
		separator, blank = "\x00", func(s string) bool { return s == "" }
	} else if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // line ends of old Macs
	}
	var names []string
	n := 0
	for name := range strings.SplitSeq(text, separator) {
		n++
		if separator == "\n" {
			name = strings.TrimSuffix(name, "\r")
		}
		if blank(name) {
			continue
		}
		if len(name) > maxPath {
			return nil, fmt.Errorf("path %d has %d bytes, more than any system supports: is this a list of paths?", n, len(name))
		}
		names = append(names, name)
	}
	return names, nil
}
