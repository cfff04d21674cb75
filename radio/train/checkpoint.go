package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
)

// Tensor is a part of a run's state: a weight, a moment of the optimiser, a statistic.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// Checkpoint is all that a run needs to go on, bit for bit as if it had not stopped.
//
// It is two files: NAME.safetensors with the tensors, and NAME.json with everything else and the
// checksum of the tensors. The JSON is written last, so a checkpoint without it does not exist.
type Checkpoint struct {
	Step    int     `json:"step"`  // optimiser's steps that are done
	Epoch   float64 `json:"epoch"` // epochs that are done
	Seconds float64 `json:"seconds"`
	// Evaluated is the step of the last evaluation.
	Evaluated int    `json:"evaluated"`
	Loss      watch  `json:"loss"`
	Recent    losses `json:"recent"`
	Best      *Best  `json:"best,omitempty"`

	Options json.RawMessage `json:"options"`       // what the numbers depend on
	Data    string          `json:"data"`          // checksum of the training data; see DataSum
	Val     string          `json:"val,omitempty"` // checksum of the validation data
	Tensors []Tensor        `json:"-"`
	SHA256  string          `json:"sha256"` // of the tensors
}

// Best is the best evaluation so far.
type Best struct {
	Step   int     `json:"step"`
	Epoch  float64 `json:"epoch"`
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
}

// Names of the checkpoint files.
const (
	checkpointPrefix = "step-"
	tensorsExtension = ".safetensors"
	factsExtension   = ".json"
)

// kept is how many checkpoints stay beside the best.
const kept = 2

func checkpointName(step int) string { return fmt.Sprintf("%s%09d", checkpointPrefix, step) }

// Save writes a checkpoint into a folder, and then removes all but the last two and the best. If
// it fails, the earlier ones are as they were.
func (c *Checkpoint) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("the checkpoint of step %d is not written: %w", c.Step, err)
	}
	name := filepath.Join(dir, checkpointName(c.Step))
	h := sha256.New()
	slices.SortFunc(c.Tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	tensors := make([]loader.Tensor, len(c.Tensors))
	for i, t := range c.Tensors {
		tensors[i] = loader.Tensor{Name: t.Name, DType: loader.F32, Shape: t.Shape, Data: func(w io.Writer) error {
			describe(h, t)
			return loader.Float32Data(t.Data)(io.MultiWriter(w, h))
		}}
	}
	if err := loader.Write(name+tensorsExtension, tensors, nil); err != nil {
		return fmt.Errorf("the checkpoint of step %d: %w", c.Step, err)
	}
	c.SHA256 = hex.EncodeToString(h.Sum(nil))
	if err := c.writeFacts(name); err != nil {
		os.Remove(name + tensorsExtension)
		return fmt.Errorf("the checkpoint of step %d: %w", c.Step, err)
	}
	return c.prune(dir)
}

// describe adds the name and shape of a tensor to a checksum.
func describe(h hash.Hash, t Tensor) { fmt.Fprintf(h, "%q %v\n", t.Name, t.Shape) }

// envelope is the JSON file: the checkpoint's facts and their checksum.
type envelope struct {
	SHA256     string          `json:"sha256"`
	Checkpoint json.RawMessage `json:"checkpoint"`
}

func (c *Checkpoint) writeFacts(name string) error {
	facts, err := json.Marshal(c)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(facts)
	text, err := json.Marshal(envelope{hex.EncodeToString(sum[:]), facts})
	if err != nil {
		return err
	}
	return loader.WriteFile(name+factsExtension, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// prune removes checkpoints that are not needed any more, and tensors without facts.
func (c *Checkpoint) prune(dir string) error {
	steps, err := Checkpoints(dir)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for i, step := range steps {
		if i >= len(steps)-kept || c.Best != nil && step == c.Best.Step {
			keep[checkpointName(step)] = true
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, ext := range []string{factsExtension, tensorsExtension} { // the facts first: without them the rest is none
		for _, e := range entries {
			if stem, ok := strings.CutSuffix(e.Name(), ext); ok && strings.HasPrefix(stem, checkpointPrefix) && !keep[stem] {
				errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
			}
		}
	}
	return errors.Join(errs...)
}

// Checkpoints lists the steps of the checkpoints in a folder, in order. A folder that is not
// there has none.
func Checkpoints(dir string) (steps []int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		var step int
		if _, scanned := fmt.Sscanf(e.Name(), checkpointPrefix+"%d"+factsExtension, &step); scanned == nil && e.Name() == checkpointName(step)+factsExtension {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, err
}

// ErrNoCheckpoint is returned where there is nothing to resume.
var ErrNoCheckpoint = errors.New("no checkpoint")

// LoadLast reads the last checkpoint in a folder that is whole. damaged has an error for each
// later one, which the caller must tell the user. If there are checkpoints but none is whole, the
// error names the last.
func LoadLast(dir string) (c *Checkpoint, damaged []error, err error) {
	steps, err := Checkpoints(dir)
	if err != nil {
		return nil, nil, err
	}
	if len(steps) == 0 {
		return nil, nil, fmt.Errorf("%s: %w: nothing was saved there", dir, ErrNoCheckpoint)
	}
	for _, step := range slices.Backward(steps) {
		c, err := Load(dir, step)
		if err == nil {
			return c, damaged, nil
		}
		damaged = append(damaged, err)
	}
	return nil, damaged, fmt.Errorf("%s: none of the %d checkpoints is whole: begin anew in another folder; the last: %w", dir, len(steps), damaged[0])
}

// Load reads the checkpoint of a step, and confirms its checksums.
func Load(dir string, step int) (*Checkpoint, error) {
	name := filepath.Join(dir, checkpointName(step))
	c, err := readFacts(name + factsExtension)
	if err != nil {
		return nil, err
	}
	if c.Step != step {
		return nil, fmt.Errorf("%s%s: is of step %d: was it renamed?", name, factsExtension, c.Step)
	}
	return c, c.readTensors(name + tensorsExtension)
}

// maxFacts bounds the JSON of a checkpoint, bytes.
const maxFacts = 16 << 20

func readFacts(path string) (*Checkpoint, error) {
	text, err := loader.ReadBounded(path, maxFacts)
	if err != nil {
		return nil, err
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("%s: is damaged: %w", path, err)
	}
	if sum := sha256.Sum256(e.Checkpoint); hex.EncodeToString(sum[:]) != e.SHA256 {
		return nil, fmt.Errorf("%s: is damaged: its checksum is %x, want %s", path, sum, e.SHA256)
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(e.Checkpoint, c); err != nil {
		return nil, fmt.Errorf("%s: is not a checkpoint of this version: %w", path, err)
	}
	return c, nil
}

func (c *Checkpoint) readTensors(path string) error {
	f, err := loader.OpenFile(path)
	if err != nil {
		return loader.Damaged(err, "")
	}
	defer f.Close()
	h := sha256.New()
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		values, err := f.Float32(name, info.Shape...)
		if err != nil {
			return err
		}
		t := Tensor{name, info.Shape, slices.Clone(values)}
		describe(h, t)
		if err := binary.Write(h, binary.LittleEndian, t.Data); err != nil {
			return err
		}
		c.Tensors = append(c.Tensors, t)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != c.SHA256 {
		return fmt.Errorf("%s: is damaged: the checksum of its tensors is %s, want %s", path, sum, c.SHA256)
	}
	return nil
}
