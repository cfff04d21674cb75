package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"cradio/cmd/cradio/internal/pathlist"
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
		names, err = pathlist.Split(data)
	}
	if err != nil {
		return nil, fmt.Errorf("list of images %s: %w", shown(path), err)
	}
	return names, nil
}
