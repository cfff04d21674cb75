// Package digits has a small model that reads handwritten digits, embedded in the program: a nano
// C-RADIO whose weights were trained from nothing on MNIST, with a linear head. It is here so that
// everything can be tried offline with an output that has a meaning.
//
//	m, h, err := digits.Open(ctx, radio.Options{})
//
// It answers 98.7 % of MNIST's test part right; make.go says how it was made. Pictures show one digit,
// white on black, with a margin, as those of Pictures do.
package digits

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/head"
)

// Name is how commands call the model and its head.
const Name = "digits"

//go:embed model/config.json model/model.safetensors head pictures
var files embed.FS

// Pictures has a few digits of MNIST's test part, named by what they show: 7.png.
func Pictures() fs.FS {
	pictures, err := fs.Sub(files, "pictures")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return pictures
}

// Open opens the model and its head. The caller closes the model.
func Open(ctx context.Context, opt radio.Options) (*radio.Model, *head.Head, error) {
	h, err := openHead()
	if err != nil {
		return nil, nil, err
	}
	config, err := files.ReadFile("model/config.json")
	if err != nil {
		return nil, nil, err
	}
	c, err := radio.ParseConfig(config)
	if err != nil {
		return nil, nil, err
	}
	weights, err := files.ReadFile("model/model.safetensors")
	if err != nil {
		return nil, nil, err
	}
	src, err := loader.ParseFile(Name, weights)
	if err != nil {
		return nil, nil, err
	}
	m, err := radio.New(c, src, opt)
	if err != nil {
		return nil, nil, err
	}
	if err := h.CheckModel(ctx, m); err != nil {
		return nil, nil, errors.Join(err, m.Close())
	}
	return m, h, nil
}

// openHead reads the head by way of a temporary folder, since heads are read from folders.
func openHead() (h *head.Head, err error) {
	dir, err := os.MkdirTemp("", "cradio-digits-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, name := range []string{head.DescriptionFile, head.WeightsFile} {
		text, err := files.ReadFile(path.Join("head", name))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	return head.Load(dir)
}
