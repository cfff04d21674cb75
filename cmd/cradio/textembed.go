package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/loader/npy"
	"cradio/radio/output"
	"cradio/radio/text"

	"github.com/parquet-go/parquet-go"
	"github.com/spf13/cobra"
)

// textEmbedFlags are the options of `cradio text`.
type textEmbedFlags struct {
	text    textFlags
	dtype   string
	device  string
	threads int
	out     string
	unit    bool
}

func newTextCmd() *cobra.Command {
	f := &textEmbedFlags{}
	cmd := &cobra.Command{
		Use:   "text [FILE…] --text TOWER",
		Short: "Embeddings of texts, to compare with an adaptor's summaries of images",
		Long: `text prints an embedding of each line of the FILEs, or of standard input. They can be
compared (by cosine) with the summaries of the adaptor that the text tower belongs to, such
as those of cradio embed --adaptor clip.

` + textHelp + `

OUTPUT

Without --out, a JSON object for each text on standard output. With it:

  X.npz          embeddings (N, E) and texts, for NumPy
  X.npy          embeddings (N, E)
  X.safetensors  embeddings (N, E); the texts are JSON in the metadata
  X.parquet      a row for each text: text, cut, embedding
  X.jsonl        a JSON object for each text`,
		Example: `  cradio text captions.txt --text DFN5B-CLIP-ViT-H-14-378/ --out captions.npz
  echo "a red bicycle" | cradio text --text siglip2/ --unit`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.text.add(cmd)
	addDType(cmd, &f.dtype)
	addDevice(cmd, &f.device)
	flags := cmd.Flags()
	flags.Bool("offline", false, "download nothing; a tower of the hub must be in the cache")
	flags.IntVar(&f.threads, "threads", 0, "cores to use (default all fast ones)")
	flags.StringVarP(&f.out, "out", "o", "", "`FILE` to write: .npz, .npy, .safetensors, .parquet or .jsonl")
	flags.BoolVar(&f.unit, "unit", false, "normalise embeddings to length 1")
	if err := cmd.MarkFlagFilename("out", "npz", "npy", "safetensors", "parquet", "jsonl"); err != nil {
		panic(err)
	}
	return cmd
}

// textJSON is a line of the output, or a row.
type textJSON struct {
	Text      string    `json:"text" parquet:"text"`
	Cut       bool      `json:"cut" parquet:"cut"` // longer than the tower reads
	Embedding []float32 `json:"embedding" parquet:"embedding,list"`
}

func (f *textEmbedFlags) run(cmd *cobra.Command, args []string) error {
	switch extension := strings.ToLower(extensionOf(f.out)); {
	case f.out != "" && !slices.Contains([]string{".npz", ".npy", ".safetensors", ".parquet", ".jsonl"}, extension):
		return usage(cmd, "--out %s: must end in .npz, .npy, .safetensors, .parquet or .jsonl", shown(f.out))
	case f.threads < 0:
		return usage(cmd, "--threads %d: must be at least 1, or 0 for all cores", f.threads)
	case f.out != "":
		if err := output.Writable(f.out); err != nil {
			return err
		}
	}
	if err := checkDevice(cmd, f.device); err != nil {
		return err
	}
	texts, err := linesOf(cmd, args)
	if err != nil {
		return err
	}
	tower, err := f.text.open(cmd, f.dtype, f.device, f.threads)
	if err != nil {
		return err
	}
	defer tower.Close()
	if err := warnCut(tower, texts); err != nil {
		return err
	}
	embeddings, err := f.embed(cmd.Context(), tower, texts)
	if err != nil {
		return err
	}
	return f.write(cmd, tower, texts, embeddings)
}

// linesOf reads the texts of files, or of standard input.
func linesOf(cmd *cobra.Command, paths []string) (texts []string, err error) {
	take := func(line string) error { texts = append(texts, line); return nil }
	if len(paths) == 0 {
		err = eachLine(cmd.InOrStdin(), take)
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		err = eachLine(file, take)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s, %w", shown(path), err)
		}
	}
	if err == nil && texts == nil {
		err = errors.New("there are no texts: want a line for each")
	}
	return texts, err
}

// embed returns the embeddings, (N, E).
func (f *textEmbedFlags) embed(ctx context.Context, tower *text.Tower, texts []string) ([]float32, error) {
	features, err := tower.Encode(ctx, texts)
	if err != nil {
		return nil, err
	}
	list, width := features.Float32s(), tower.Config().Embed
	if !f.unit {
		return list, nil
	}
	for row := range slices.Chunk(list, width) {
		length := norm(row)
		for i := range row {
			row[i] = float32(float64(row[i]) / length)
		}
	}
	return list, nil
}

// write writes the embeddings to the file, or to standard output.
func (f *textEmbedFlags) write(cmd *cobra.Command, tower *text.Tower, texts []string, embeddings []float32) error {
	rows, err := textRows(tower, texts, embeddings)
	if err != nil {
		return err
	}
	shape := []int{len(texts), tower.Config().Embed}
	write := func(w io.Writer) error { return writeLines(w, rows) }
	switch strings.ToLower(extensionOf(f.out)) {
	case "":
		return write(cmd.OutOrStdout())
	case ".npy":
		write = func(w io.Writer) error { return npy.Write(w, shape, embeddings) }
	case ".npz":
		write = func(w io.Writer) error { return writeTexts(w, shape, embeddings, texts) }
	case ".parquet":
		write = func(w io.Writer) error { return parquet.Write(w, rows, parquet.Compression(&parquet.Zstd)) }
	}
	if strings.EqualFold(extensionOf(f.out), ".safetensors") {
		err = writeTensors(f.out, shape, embeddings, texts)
	} else {
		err = loader.WriteFile(f.out, write)
	}
	if err != nil {
		return err
	}
	say("%s: %s, embeddings %v", shown(f.out), count(len(texts), "text"), shape)
	return nil
}

// textRows are the texts as lines or rows of a file.
func textRows(tower *text.Tower, texts []string, embeddings []float32) ([]textJSON, error) {
	width := tower.Config().Embed
	rows := make([]textJSON, len(texts))
	for i, s := range texts {
		e, err := tower.Tokenizer().Encode(s)
		if err != nil {
			return nil, err
		}
		rows[i] = textJSON{s, e.Cut, embeddings[i*width:][:width]}
	}
	return rows, nil
}

func writeLines(w io.Writer, rows []textJSON) error {
	to := json.NewEncoder(w)
	for _, row := range rows {
		if err := to.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// writeTensors writes safetensors, with the texts in the metadata.
func writeTensors(path string, shape []int, embeddings []float32, texts []string) error {
	list, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	tensors := []loader.Tensor{{Name: "embeddings", DType: loader.F32, Shape: shape, Data: loader.Float32Data(embeddings)}}
	return loader.Write(path, tensors, map[string]string{"texts": string(list)})
}

// writeTexts writes an archive of embeddings and texts.
func writeTexts(w io.Writer, shape []int, embeddings []float32, texts []string) error {
	z := npy.NewZip(w)
	if err := z.Float32("embeddings", shape, embeddings); err != nil {
		return err
	}
	if err := z.Strings("texts", texts); err != nil {
		return err
	}
	return z.Close()
}
