package train

import (
	"errors"
	"fmt"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
)

// Recipe says what is trained: the head, what of the backbone, and on which pictures. It is a part of
// Options, so a run with another one does not resume.
type Recipe struct {
	// Head describes the head, but for Widths, Outputs, Labels, Picture and Backbone.
	Head head.Spec `json:"head"`
	// Size is the height and width of pictures, pixels: multiples of the model's step.
	Size [2]int `json:"size"`
	// Orient applies the EXIF orientation of pictures. Masks and depth maps are those of the pictures that this gives.
	Orient bool `json:"orient,omitempty"`
	// DropAlpha drops the transparency of pictures. Otherwise they are composited on white.
	DropAlpha bool `json:"drop_alpha,omitempty"`
	// FastDecode reads pictures in JPEG no finer than their resize needs; see radio.Encoder. Random crops are cut out of
	// the full size.
	FastDecode bool `json:"fast_decode,omitempty"`
	// Blocks is how many of the last blocks are trained. AllBlocks trains all, and what is before them.
	Blocks int `json:"blocks,omitempty"`
	// LoRA trains adapters instead; nil for none.
	LoRA *LoRA `json:"lora,omitempty"`
	// DropPath is the probability of dropping a branch of the last block; it grows from 0 at the first.
	DropPath float64 `json:"drop_path,omitempty"`
	// Recompute keeps of each trained block only its input, and computes the rest again for its
	// gradients: less memory, the same bits, and the time of one more forward pass of these blocks.
	Recompute bool `json:"recompute,omitempty"`
	// Augment draws pictures at random. Its Size is the recipe's. With a frozen backbone and nothing
	// random, features are computed once.
	Augment augment.Policy `json:"augment"`

	Loss      Loss    `json:"loss,omitzero"`
	Smoothing float64 `json:"smoothing,omitempty"` // of classes and masks, in CrossEntropy
	OverAll   bool    `json:"over_all,omitempty"`  // of masks; see Segments
	PerMetre  float64 `json:"per_metre,omitempty"` // of depth maps; see data.ReadDepth
	Gradient  float64 `json:"gradient,omitempty"`  // of depth maps; see Depths
	// ZeroIgnored is for masks like those of ADE20K; see data.MaskOptions.
	ZeroIgnored bool `json:"zero_ignored,omitempty"`
	// ClassMap gives the classes of the values or colours of masks; nil where the value is the class.
	ClassMap *data.ClassMap `json:"class_map,omitempty"`

	// Model identifies the backbone, and Precision is that of its products. Views are those of a store
	// that are trained on, nil for whole pictures alone. New sets them.
	Model     string      `json:"model"`
	Precision radio.DType `json:"precision"`

	Views *features.Views `json:"views,omitempty"`

	// Name is how the model was named, for messages of those who use the head; empty: its Source. It is
	// not compared.
	Name string `json:"-"`

	weights []float64 // of classes; see Loss
}

// AllBlocks is the value of Recipe.Blocks that trains the whole backbone.
const AllBlocks = -1

// trains says whether the backbone changes.
func (r *Recipe) trains() bool { return r.Blocks != 0 || r.LoRA != nil }

// live says whether the backbone runs in each step.
func (r *Recipe) live() bool { return r.trains() || r.Augment.Random() }

// Check returns an error for a recipe that makes no sense with a model and a set.
func (r *Recipe) Check(c *radio.Config, s *Set) error {
	switch {
	case r.Blocks < AllBlocks || r.Blocks > c.Depth:
		return fmt.Errorf("the last %d blocks are trained: must be 0 to %d", r.Blocks, c.Depth)
	case r.Blocks != 0 && r.LoRA != nil:
		return errors.New("either blocks are trained, or adapters (LoRA); choose one")
	case !(r.DropPath >= 0 && r.DropPath < 1):
		return fmt.Errorf("drop path is %g: must be at least 0 and below 1", r.DropPath)
	case r.DropPath > 0 && !r.trains():
		return errors.New("drop path is for a backbone that is trained: a frozen one is as at inference")
	case r.Recompute && !r.trains():
		return errors.New("there is nothing to compute again: the backbone is frozen, and keeps no activations")
	case !(r.Smoothing >= 0 && r.Smoothing < 1):
		return fmt.Errorf("label smoothing is %g: must be at least 0 and below 1", r.Smoothing)
	}
	if err := r.Augment.Check(); err != nil {
		return err
	}
	if err := c.CheckSize(r.Size[0], r.Size[1]); err != nil {
		return err
	}
	if s.Several && r.Smoothing > 0 {
		return errors.New("label smoothing is for one class a picture; these have several")
	}
	return r.checkLoss(s)
}

// checkPrecision returns an error for a precision in which the model cannot run in a step.
func (r *Recipe) checkPrecision() error {
	switch {
	case r.live() && r.Precision == radio.Float64:
		return fmt.Errorf("the model computes in %s, and runs in each step, which computes in %s: choose that, or %s", radio.Float64, radio.Float32, radio.BFloat16)
	case r.trains() && r.Precision == radio.Int8:
		return fmt.Errorf("the model computes in %s, which has no gradients: what is trained needs %s or %s; a frozen model may have it", radio.Int8, radio.Float32, radio.BFloat16)
	}
	return nil
}

// checkLoss returns an error for a loss that makes no sense with the head and the set.
func (r *Recipe) checkLoss(s *Set) error {
	kinds := []LossKind{CrossEntropy, Focal}
	switch {
	case r.Head.Kind == head.Depth:
		kinds = []LossKind{SILog, SmoothL1}
	case r.Head.Kind.Dense():
		kinds = append(kinds, Dice)
	}
	if r.Smoothing > 0 && !r.Loss.has(CrossEntropy, kinds[0]) {
		return fmt.Errorf("label smoothing is of the term %s, which the loss lacks", CrossEntropy)
	}
	if r.OverAll && !r.Loss.has(CrossEntropy, kinds[0]) {
		return fmt.Errorf("dividing by all pixels is of the term %s, which the loss lacks", CrossEntropy)
	}
	return r.Loss.check(kinds, len(s.Classes), s.Several)
}

// chooseWeights chooses the weights of classes. counts are those of the pixels of masks; nil without masks.
func (r *Recipe) chooseWeights(s *Set, counts []int) {
	of := make([]int, len(s.Classes)) // pictures of which a class is known
	for c := range of {
		of[c] = len(s.Train)
	}
	if counts == nil {
		counts = make([]int, len(s.Classes))
		for _, e := range s.Train {
			for _, l := range e.Labels {
				counts[l]++
			}
			for _, l := range e.Unknown {
				of[l]--
			}
		}
	}
	r.weights = r.Loss.weights(counts, of, s.Several)
}

// head makes the head of a recipe.
func (r *Recipe) head(c *radio.Config, s *Set, seed uint64) (*head.Head, error) {
	spec := r.Head
	var err error
	if spec.Widths, err = head.Widths(c, spec.Input); err != nil {
		return nil, err
	}
	if spec.Kind != head.Depth {
		spec.Outputs, spec.Labels, spec.MultiLabel = len(s.Classes), s.Classes, s.Several
	}
	size := radio.Fixed(r.Size[0], r.Size[1])
	spec.Picture = &head.Picture{Size: size.String(), Orient: r.Orient, FastDecode: r.FastDecode}
	if r.DropAlpha {
		spec.Picture.Alpha = head.AlphaDrop
	}
	return head.New(spec, seed)
}

// goal is that of some examples.
func (r *Recipe) goal(s *Set, list []Example) Goal {
	var files []string
	switch {
	case r.Head.Kind == head.Depth:
		for _, e := range list {
			files = append(files, e.Depth)
		}
		return &Depths{Files: files, H: r.Size[0], W: r.Size[1], Low: r.Head.Bins.Low, High: r.Head.Bins.High, Gradient: r.Gradient, Scoring: r.Loss}
	case r.Head.Kind.Dense():
		for _, e := range list {
			files = append(files, e.Mask)
		}
		return &Segments{Names: s.Classes, Files: files, H: r.Size[0], W: r.Size[1], OverAll: r.OverAll, Smoothing: r.Smoothing, Scoring: r.Loss, Weights: r.weights}
	}
	g := &Classes{Names: s.Classes, Several: s.Several, Smoothing: r.Smoothing, Scoring: r.Loss, Weights: r.weights}
	for _, e := range list {
		g.Labels, g.Unknown = append(g.Labels, e.Labels), append(g.Unknown, e.Unknown)
	}
	return g
}
