package conformance

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"cradio/radio/text"
	"cradio/radio/text/token"

	"gorgonia.org/tensor"
)

// MaxCosine is the limit of the error of a zero-shot score, a cosine.
const MaxCosine = 1e-6

// runZeroShot goes from texts to probabilities: ids, features, the classifier, and the scores of
// made-up summaries of pictures.
func runZeroShot(c *textCase) error {
	if err := c.inFloat32(); err != nil || c.tape() {
		return err
	}
	config, ids, err := c.tower()
	if err != nil {
		return err
	}
	tokens, err := c.of.tokenizer(config)
	if err != nil {
		return err
	}
	seed, err := c.seed()
	if err != nil {
		return err
	}
	tower, err := text.Synthetic(config, tokens, text.Options{Seed: seed, Threads: c.opt.Threads})
	if err != nil {
		return err
	}
	defer tower.Close()
	var classes, templates []string
	for key, to := range map[string]*[]string{"classes": &classes, "templates": &templates} {
		if err := json.Unmarshal([]byte(c.Metadata()[key]), to); err != nil {
			return fmt.Errorf("metadata %s: %w", key, err)
		}
	}
	if err := sameIDs(tokens, ids, classes, templates); err != nil {
		return err
	}
	if err := c.encoded(tower, ids); err != nil {
		return err
	}
	classifier, err := text.NewClassifier(c.ctx, tower, classes, templates, nil)
	if err != nil {
		return err
	}
	c.compare("classifier", transposed(classifier.Weights, classifier.Embed))
	return c.scores(classifier)
}

// sameIDs is an error unless the prompts become the recorded ids.
func sameIDs(tokens *token.Tokenizer, want [][]int32, classes, templates []string) error {
	if len(want) != len(classes)*len(templates) {
		return fmt.Errorf("ids are of %d texts, want %d classes × %d templates", len(want), len(classes), len(templates))
	}
	for i, class := range classes {
		for j, template := range templates {
			prompt := text.Prompt(template, class)
			e, err := tokens.Encode(prompt)
			if err != nil {
				return err
			}
			if !slices.Equal(e.IDs, want[i*len(templates)+j]) {
				return fmt.Errorf("%q becomes other ids than Python's", prompt)
			}
		}
	}
	return nil
}

// scores compares the cosines of the summaries with each class, and what they become.
func (c *textCase) scores(classifier *text.Classifier) error {
	summaries, shape, err := c.float32s("summary")
	if err != nil {
		return err
	}
	if len(shape) != 2 || shape[1] != classifier.Embed {
		return fmt.Errorf("summary is %v, want (B, %d)", shape, classifier.Embed)
	}
	all := map[string][]float64{}
	for row := range slices.Chunk(summaries, classifier.Embed) {
		cosines, err := classifier.Cosines(row)
		if err != nil {
			return err
		}
		all["similarity"] = append(all["similarity"], cosines...)
		for _, cosine := range cosines {
			all["logits"] = append(all["logits"], classifier.Logits.Scale*cosine+classifier.Logits.Bias)
		}
		l := classifier.Logits
		l.Sigmoid = false
		all["softmax"] = append(all["softmax"], l.Probabilities(cosines)...)
		l.Sigmoid = true
		all["sigmoid"] = append(all["sigmoid"], l.Probabilities(cosines)...)
	}
	for _, name := range []string{"similarity", "logits", "softmax", "sigmoid"} {
		if c.has(truthPrefix + name) { // CLIP's has no sigmoid
			c.compareValues(name, all[name])
		}
	}
	truth, _ := c.values(truthPrefix + "similarity")
	for i, want := range truth {
		if off := math.Abs(all["similarity"][i] - want); off > MaxCosine {
			return fmt.Errorf("score %d is off by %.3g; the limit is %g", i, off, MaxCosine)
		}
	}
	return nil
}

// transposed is weights (K, E) as (E, K), as they are recorded.
func transposed(weights []float32, width int) *tensor.Dense {
	k := len(weights) / width
	out := zeros(width, k)
	for i, v := range weights {
		out.Float32s()[i%width*k+i/width] = v
	}
	return out
}

// tokenizer is that of a tower: CLIP's, or the small one of SigLIP 2's kind.
func (t *Text) tokenizer(c *text.Config) (*token.Tokenizer, error) {
	if c.Causal {
		return token.CLIP().WithLength(c.Context)
	}
	tokens, err := t.vocabulary("siglip2/tokenizer.model", token.KindSigLIP2)
	if err != nil {
		return nil, err
	}
	return tokens.WithLength(c.Context)
}

// vocabularyMost is the largest recorded vocabulary.
const vocabularyMost = 16 << 20

// vocabulary reads a recorded tokenizer, of tokenizers/ in the folder, as it is or compressed.
func (t *Text) vocabulary(name string, k token.Kind) (*token.Tokenizer, error) {
	path := filepath.Join(t.Dir, "tokenizers", filepath.FromSlash(name))
	data, err := readPacked(path + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		tokens, err := token.Open(path, k)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: there is no tokenizers/%s", errNotRun, name)
		}
		return tokens, err
	}
	if err != nil {
		return nil, err
	}
	return token.Read(data, k)
}

// readPacked reads a file that gzip compressed.
func readPacked(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, vocabularyMost+1))
	if err == nil && len(data) > vocabularyMost {
		err = fmt.Errorf("more than %d bytes", vocabularyMost)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}
