package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/checkpoint"
	"cradio/radio/image"
	"cradio/radio/index"
	"cradio/radio/output"
	"cradio/radio/text"

	"github.com/spf13/cobra"
)

// query is what a search looks for.
type query struct {
	name   string     // of the image, or the words
	image  *image.RGB // nil of words
	source radio.Source
	vector []float32
}

// query makes the vector of an image or of words.
func (f *searchFlags) query(cmd *cobra.Command, x *index.Index, args []string) (*query, error) {
	source := radio.Source(f.by)
	if f.by != "" && !slices.Contains(x.Sources(), source) {
		return nil, usage(cmd, "--by %s: the index %s has %s", shown(f.by), shown(x.Dir), sourceNames(x.Sources()))
	}
	if len(args) == 1 && (args[0] == stdinName || isFile(args[0])) {
		if source == "" {
			source = x.Sources()[0]
			if slices.Contains(x.Sources(), radio.SummarySource) {
				source = radio.SummarySource
			}
		}
		return f.ofImage(cmd, x, args[0], source)
	}
	words := strings.Join(args, " ")
	if info, err := os.Stat(words); len(args) == 1 && err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; QUERY is one image, or words", shown(words))
	}
	if len(args) == 1 && isImageName(words) {
		return nil, fmt.Errorf("%s: no such file; QUERY is an image, or words", shown(words))
	}
	return f.ofWords(cmd, x, words, source)
}

func sourceNames(list []radio.Source) string {
	var names []string
	for _, s := range list {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// ofImage is the query of an image. One whose file is in the index needs no model.
func (f *searchFlags) ofImage(cmd *cobra.Command, x *index.Index, name string, source radio.Source) (*query, error) {
	q := &query{name: name, source: source}
	var sum [sha256.Size]byte
	var contents []byte
	load := watched(cmd, &radio.Encoder{Processor: &image.Processor{}, Decode: image.DecodeOptions{MaxPixels: f.pixels, Orient: f.orient}}, name, func(data []byte) {
		sum, contents = sha256.Sum256(data), data
	})
	img, err := load.Load()
	if err != nil {
		return nil, err
	}
	q.image = img
	for i, item := range x.Set.Items {
		if item.SHA256 == sum {
			q.vector, err = x.Vector(source, i)
			return q, err
		}
	}
	m, err := f.model.open(cmd)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	job, err := f.job(cmd, x.Dir, m, 1)
	if err != nil {
		return nil, err
	}
	r, err := job.Recipe(cmd.Context())
	if err != nil {
		return nil, err
	}
	if err := x.Suits(r); err != nil {
		return nil, fmt.Errorf("%w; give the --model that the index was made with, or index again with --replace", err)
	}
	e := job.Encoder
	e.Request = radio.Request{NoFeatures: true, Sources: []radio.Source{source}}
	in := radio.Input{Name: name, Load: func() (*image.RGB, error) { return decode(e, name, contents) }}
	err = e.Stream(cmd.Context(), []radio.Input{in}, func(res radio.Result) error {
		if res.Err != nil {
			return res.Err
		}
		q.vector = slices.Clone(radio.Values[float32](res.Sources[source]))
		return nil
	})
	return q, err
}

// ofWords is the query of a text.
func (f *searchFlags) ofWords(cmd *cobra.Command, x *index.Index, words string, source radio.Source) (*query, error) {
	var aligned []radio.Source
	for _, s := range x.Sources() {
		if strings.HasPrefix(string(s), checkpoint.AdaptorPrefix) {
			aligned = append(aligned, s)
		}
	}
	switch {
	case len(aligned) == 0:
		return nil, fmt.Errorf("%s cannot be searched by words (%.40q is no file): it holds no summaries of an adaptor with a text side; index with --adaptor NAME and --text TOWER, of a model that has one (see cradio index --help), or give an image", shown(x.Dir), words)
	case source == "" && len(aligned) > 1:
		return nil, usage(cmd, "--by is missing: words can be compared with %s", sourceNames(aligned))
	case source == "":
		source = aligned[0]
	}
	if strings.TrimSpace(words) == "" {
		return nil, usage(cmd, "QUERY is empty: give an image, or words")
	}
	if f.text.tower == "" {
		return nil, usage(cmd, "--text is missing: give the folder of the text tower that belongs to %s", source)
	}
	tower, err := f.text.open(cmd, f.model.dtype, f.model.device, f.model.threads)
	if err != nil {
		return nil, err
	}
	defer tower.Close()
	if i := x.Recipe.Column(source); x.Recipe.Columns[i].Width() != tower.Config().Embed {
		return nil, fmt.Errorf("%s has summaries of %d elements, the text tower embeddings of %d: it is not the tower of its teacher; give another --text", source, x.Recipe.Columns[i].Width(), tower.Config().Embed)
	}
	if err := f.checkTeacher(cmd, strings.TrimPrefix(string(source), checkpoint.AdaptorPrefix), tower.Config()); err != nil {
		return nil, err
	}
	if err := warnCut(tower, []string{words}); err != nil {
		return nil, err
	}
	vectors, err := tower.Encode(cmd.Context(), []string{words})
	if err != nil {
		return nil, err
	}
	return &query{name: words, source: source, vector: vectors.Float32s()}, nil
}

// checkTeacher refuses a tower that is not the teacher's, unless it is asked for. It needs the model's
// configuration: a model that is not at hand any more is not downloaded for that.
func (f *searchFlags) checkTeacher(cmd *cobra.Command, adaptor string, of *text.Config) error {
	if f.other || strings.HasPrefix(f.text.tower, radio.SyntheticPrefix) {
		return nil
	}
	path, err := locate(cmd, f.model.name, true)
	if err != nil {
		return nil
	}
	c, err := checkpoint.ReadConfig(path)
	if err != nil {
		return nil
	}
	i := slices.Index(c.Teachers, adaptor)
	if i < 0 {
		return nil
	}
	if err := of.CheckTeacher(adaptor, c.TeacherModels[i]); err != nil {
		return fmt.Errorf("%s: %w; --other-tower uses it all the same", shown(f.text.tower), err)
	}
	return nil
}

// note is what a sheet says of the search.
func (q *query) note(x *index.Index, n int) string {
	text := fmt.Sprintf("%d of %s, by %s of %s", n, count(len(x.Set.Items), "image"), q.source, shown(x.About.Model))
	if x.About.Synthetic {
		text += "; " + output.SyntheticNote
	}
	return text
}
