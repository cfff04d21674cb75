//go:build ignore

// Make writes the files of this package from a run of cradio train:
//
//	cd radio/train/mnist && go run . /tmp/mnist
//	cradio train classify /tmp/mnist --model synthetic:nano --size 64 --blocks all --val 0.05 --batch 64 \
//	  --epochs 7 --rate 0.002 --norm none --head-rate 1 --layer-decay 1 --crop 0.7 --smoothing 0.05 --out /tmp/run
//	cd radio/digits && go run make.go /tmp/run
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/head"
	"cradio/radio/train"
)

func main() {
	if err := write(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "digits:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, run string) error {
	m, err := radio.Open(ctx, filepath.Join(run, train.ModelFolder), radio.Options{NoPack: true})
	if err != nil {
		return err
	}
	defer m.Close()
	if err := m.Save(ctx, "model", radio.SaveOptions{BFloat16: true}); err != nil {
		return err
	}
	rounded, err := radio.Open(ctx, "model", radio.Options{NoPack: true})
	if err != nil {
		return err
	}
	defer rounded.Close()
	h, err := head.Load(filepath.Join(run, train.HeadFolder))
	if err != nil {
		return err
	}
	var wrong error
	err = h.Describe(func(s *head.Spec) {
		wrong = s.Trained(ctx, rounded)
		if s.Backbone != nil {
			s.Backbone.Name = "digits"
		}
	})
	if wrong != nil {
		return wrong
	}
	if err != nil {
		return err
	}
	return h.Save("head")
}
