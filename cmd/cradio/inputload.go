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
	return watched(cmd, enc, name, func([]byte) {})
}

// watched is an input whose file is shown to seen before it is decoded.
func watched(cmd *cobra.Command, enc *radio.Encoder, name string, seen func(data []byte)) radio.Input {
	return radio.Input{Name: name, Load: func() (*image.RGB, error) {
		called := name
		var data []byte
		var err error
		if name == stdinName {
			called = "standard input"
			if data, err = readStdin(cmd); err != nil {
				err = fmt.Errorf("%s: %w", called, err)
			}
		} else {
			data, err = image.ReadFile(name)
		}
		if err != nil {
			return nil, err
		}
		seen(data)
		return decode(enc, called, data)
	}}
}

// decode decodes an image file. Its errors tell what kind of failure they are.
func decode(enc *radio.Encoder, name string, data []byte) (*image.RGB, error) {
	img, err := enc.Bytes(name, data).Load()
	if err != nil && strings.Contains(err.Error(), limitField) {
		return nil, &overLimit{err}
	}
	if err != nil {
		return nil, &notDecoded{err}
	}
	return img, nil
}

// notDecoded is the error of an image file that cannot be decoded.
type notDecoded struct{ error }

func (n *notDecoded) Unwrap() error { return n.error }

// limitField is what the library tells a programmer to raise.
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
