// Gen writes the assembly kernels of package cpu, each from one description for
// every instruction set: a file for each, such as avx512_amd64.s, and their
// declarations in kernels_amd64.go. Run it with go generate in the package's folder.
//
// Start with isa.go, which names what the instruction sets have in common; each
// other file describes one kernel.
package main

import (
	"fmt"
	"os"
)

func main() {
	for name, text := range generate() {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// generate returns the files by name.
func generate() map[string]string {
	var decl declarations
	files := map[string]string{}
	for _, set := range []isa{avx512, avx2} {
		f := newFile(set, &decl)
		for _, w := range []int{2, 1} {
			f.gemmRows(w)
			f.gemmCols(w)
			f.softmax(w)
		}
		f.gemmRowsOfTwo(2)
		f.gemmExact()
		f.epilogue(finish{name: "epilogue"})
		f.epilogue(finish{name: "epilogueRounded", rounded: true})
		f.gelu()
		f.layerNorm()
		f.transpose()
		f.fetch()
		f.own()
		f.widen()
		f.gather()
		f.condition()
		f.blend()
		f.binary()
		f.round()
		f.dequantise()
		f.extent()
		f.quantise()
		f.strassen()
		f.peak()
		files[set.file] = f.text()
	}
	for _, set := range []isa{avx512words, avx2words} {
		f := newFile(set, &decl)
		f.gemmRows(2)
		f.gemmRowsOfTwo(2)
		f.strassen()
		f.words()
		f.epilogue(finish{name: "epilogue", quantised: true})
		f.epilogue(finish{name: "epilogueRounded", quantised: true, rounded: true})
		files[set.file] = f.text()
	}
	pairs := newFile(bf16, &decl)
	pairs.gemmRows(2)
	pairs.softmaxPairs(2)
	for _, w := range []int{2, 1} {
		pairs.weighRows(w)
		pairs.gemmCols(w)
		pairs.joinRows(w)
	}
	pairs.interleave()
	pairs.epilogue(finish{name: "epilogueRounded", rounded: true})
	pairs.round()
	files[bf16.file] = pairs.text()
	fours := newFile(vnni, &decl)
	fours.gemmRows(2)
	fours.epilogue(finish{name: "epilogue", quantised: true})
	fours.epilogue(finish{name: "epilogueRounded", quantised: true, rounded: true})
	files[vnni.file] = fours.text()
	short := newFile(avxvnni, &decl)
	short.gemmRows(2)
	files[avxvnni.file] = short.text()
	files["kernels_amd64.go"] = decl.text()

	var tileDecl declarations
	tiles := newFile(tmm, &tileDecl)
	tiles.tileRows("tilePairs", "computes c (+)= a·b for blocks of rows of bfloat16.", tdpbf16ps)
	tiles.tileRows("tileFours", "computes c (+)= a·b for blocks of rows of int8, those of a without a sign.", tdpbusd)
	for _, t := range finished {
		tiles.tileFinished(t)
	}
	tiles.tileParts()
	tiles.cutRows()
	tiles.cutPanel()
	tiles.joinPanel()
	tiles.raiseTops()
	tiles.scaleRows()
	files[tmm.file] = tiles.text()
	files["amx_kernels_amd64.go"] = tileDecl.text()
	return files
}
