package packs_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/radio/packs"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	of, err := loader.OpenPath("../../conformance/checkpoints/hub")
	if err != nil {
		log.Fatal(err)
	}
	defer of.Close()

	use := packs.Use{Precision: "int8", Layout: "avx512-v1"}
	w := packs.NewWriter(context.Background(), nil)
	w.Section("blocks.0.attn.qkv.weight", "int8", "values", []byte{1, 2, 3})
	if _, err := w.Write(packs.Path(dir, of, use), use, of); err != nil {
		log.Fatal(err)
	}

	path, err := packs.Find(context.Background(), dir, of, use)
	if err != nil {
		log.Fatal(err)
	}
	p, err := packs.Open(context.Background(), path, use, of, slog.Default())
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	forms, err := p.Forms()
	fmt.Println(p.Use, filepath.Ext(p.Path), forms[0].Weight, forms[0].Sections["values"][:3], err)
	// Output: int8 at avx512-v1 .pack blocks.0.attn.qkv.weight [1 2 3] <nil>
}
