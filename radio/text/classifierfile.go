package text

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// The metadata of a classifier's file, which is safetensors: "weights" (K, E), and what they are of.
const (
	classifierKey     = "cradio_classifier"
	classifierVersion = 1
	mostAbout         = 16 << 20 // bytes: a thousand classes and 80 templates are 50 kB
	mostClasses       = 1 << 20
)

// aboutClassifier is what a classifier's file says of itself.
type aboutClassifier struct {
	Version   int      `json:"version"`
	Key       string   `json:"key"` // SHA-256 of what follows, but for names and times of files
	Classes   []string `json:"classes"`
	Templates []string `json:"templates"`
	Logits    Logits   `json:"logits"`
	Of        Identity `json:"of"`
}

// Save writes the classifier to a safetensors file: LoadClassifier reads it, and needs no tower. The
// tower that made it must still be open.
func (c *Classifier) Save(ctx context.Context, path string) error {
	if c.of == nil {
		of, err := c.tower.Identity(ctx)
		if err != nil {
			return err
		}
		c.of = &of
	}
	about := aboutClassifier{Version: classifierVersion, Classes: c.Classes, Templates: c.Templates, Logits: c.Logits, Of: *c.of}
	about.Key = about.sum()
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	tensors := []loader.Tensor{{Name: "weights", DType: loader.F32, Shape: []int{len(c.Classes), c.Embed}, Data: loader.Float32Data(c.Weights)}}
	return loader.Write(path, tensors, map[string]string{classifierKey: string(text)})
}

// sum is the key: the hash of tower, cleaning, templates and classes.
func (a aboutClassifier) sum() string {
	text, err := json.Marshal([]any{a.Of.key(), a.Templates, a.Classes})
	if err != nil {
		panic(err) // it has text alone
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// LoadClassifier reads what Save has written. A file that is damaged is an error; Check says whether
// it is the one that is wanted.
func LoadClassifier(path string) (*Classifier, error) {
	f, err := loader.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := parseClassifier(f.Metadata()[classifierKey])
	if err != nil {
		return nil, fmt.Errorf("%s: %w; make it again", path, err)
	}
	c := &Classifier{Classes: a.Classes, Templates: a.Templates, Embed: a.Of.Config.Embed, Logits: a.Logits, of: &a.Of}
	mapped, err := f.Float32("weights", len(c.Classes), c.Embed)
	if err != nil {
		return nil, err
	}
	c.Weights = slices.Clone(mapped)
	for i, v := range c.Weights {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("%s: weight %d is %v: the file is damaged; make it again", path, i, v)
		}
	}
	return c, nil
}

// parseClassifier reads the metadata of a classifier's file.
func parseClassifier(text string) (a aboutClassifier, err error) {
	if text == "" || len(text) > mostAbout {
		return a, fmt.Errorf("this is no classifier: the metadata have %d bytes of %s", len(text), classifierKey)
	}
	if err := strictjson.Unmarshal([]byte(text), strictjson.Limits{}, &a); err != nil {
		return a, fmt.Errorf("metadata %s: %w", classifierKey, err)
	}
	switch {
	case a.Version != classifierVersion:
		return a, fmt.Errorf("a classifier of version %d, want %d", a.Version, classifierVersion)
	case len(a.Classes) > mostClasses:
		return a, fmt.Errorf("%d classes, want at most %d", len(a.Classes), mostClasses)
	}
	if err := a.Of.Config.check(); err != nil {
		return a, fmt.Errorf("its tower: %w", err)
	}
	if err := checkClasses(a.Classes, a.Templates); err != nil {
		return a, err
	}
	if !finiteLogits(a.Logits) || a.Key != a.sum() {
		return a, errors.New("its key is not that of its tower, cleaning, templates and classes: the file was changed")
	}
	return a, nil
}

func finiteLogits(l Logits) bool {
	return !math.IsNaN(l.Scale+l.Bias) && !math.IsInf(l.Scale+l.Bias, 0)
}

// Check returns an error, in words, unless a classifier that was loaded is the one that NewClassifier
// would make of these classes and templates. A nil tower is not compared.
func (c *Classifier) Check(ctx context.Context, t *Tower, classes, templates []string) error {
	if len(templates) == 0 {
		templates = []string{hole}
	}
	if err := other("class", "classes", c.Classes, classes); err != nil {
		return err
	}
	if err := other("template", "templates", c.Templates, templates); err != nil {
		return err
	}
	if t == nil || c.of == nil {
		return nil
	}
	return c.of.compare(ctx, t)
}

// other says in what two lists differ.
func other(one, many string, was, now []string) error {
	if len(was) != len(now) {
		return fmt.Errorf("it is of %d %s, not of %d", len(was), many, len(now))
	}
	for i := range was {
		if was[i] != now[i] {
			return fmt.Errorf("it is of other %s: %s %d was %q, and is %q now", many, one, i+1, was[i], now[i])
		}
	}
	return nil
}

// Of is the architecture of the tower that made the classifier.
func (c *Classifier) Of() Config {
	if c.of != nil {
		return c.of.Config
	}
	return *c.tower.net.Config
}
