package main

import (
	"cradio/radio"
	"cradio/radio/text"

	"github.com/spf13/cobra"
)

// packText packs the weights of a text tower, or compares those that are packed.
func (f *packFlags) packText(cmd *cobra.Command, name string) error {
	path, err := locateText(cmd, name, false)
	if err != nil {
		return err
	}
	tower, err := text.Open(cmd.Context(), path, text.Options{
		DType: radio.DType(f.dtype), Device: f.device, IDsAlone: true, NoPack: !f.verify, PackDir: f.out,
	})
	if err != nil {
		return err
	}
	defer tower.Close()
	if f.verify {
		p, err := tower.VerifyPack(cmd.Context())
		if err != nil {
			return err
		}
		return f.report(cmd, packReport{p.Path, p.Bytes, radio.DType(p.Use.Precision), p.Use.Layout}, name, "verified: pack and checkpoint match")
	}
	return packing(cmd, func(progress func(done, total int64)) error {
		p, err := tower.WritePack(cmd.Context(), f.out, progress)
		if err != nil {
			return err
		}
		return f.report(cmd, packReport{p.Path, p.Bytes, radio.DType(p.Use.Precision), p.Use.Layout}, name, "packed")
	})
}
