package main

import (
	"fmt"
	"io"
	"strings"

	"cradio/radio"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// maxStdin bounds an image on standard input, bytes.
const maxStdin = 1 << 30

// input returns an image that the encoder loads when it needs it.
func input(cmd *cobra.Command, enc *radio.Encoder, name string) radio.Input {
	in := enc.File(name)
	if name == stdinName {
		in.Load = func() (*image.RGB, error) {
			data, err := readStdin(cmd)
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
			return enc.Bytes("standard input", data).Load()
		}
	}
	load := in.Load
	in.Load = func() (*image.RGB, error) {
		img, err := load()
		if err != nil && strings.Contains(err.Error(), limitField) {
			err = &overLimit{err}
		}
		return img, err
	}
	return in
}

// limitField is the option that the library's error tells a programmer to raise.
const limitField = "DecodeOptions.MaxPixels"

// overLimit is the error of an image with too many pixels. It names the flag to raise.
type overLimit struct{ error }

func (o *overLimit) Error() string {
	return strings.ReplaceAll(o.error.Error(), limitField, "--max-pixels")
}
func (o *overLimit) Unwrap() error { return o.error }

// readStdin reads all of standard input, or returns when the command is cancelled.
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
