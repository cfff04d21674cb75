package text

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"sync"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/packs"
	"cradio/radio/text/token"

	"gorgonia.org/tensor"
)

// batchDefault is how many texts are computed at once.
const batchDefault = 32

// Tower makes embeddings of texts. It is safe for concurrent use; one batch is computed at a
// time.
type Tower struct {
	net         *network
	source      loader.Source
	pack        *packs.Pack                          // nil if weights are read from the source
	rows        func(dst []float32, ids []int) error // of the table of tokens
	tokens      *token.Tokenizer                     // nil for a tower of ids alone
	weights     []*graph.Weight                      // of a file
	device      graph.Device
	precision   radio.DType
	batch       int
	scale, bias float64

	mu       sync.Mutex // guards what follows, and the machines
	programs programs
	closed   bool
}

// Config returns the architecture, which must not be changed.
func (t *Tower) Config() *Config { return t.net.Config }

// Tokenizer returns what makes ids of texts, nil if the tower has none.
func (t *Tower) Tokenizer() *token.Tokenizer { return t.tokens }

// Logits returns how the tower makes logits of cosines. ok is false for the file of a text
// model alone, which does not say.
func (t *Tower) Logits() (l Logits, ok bool) {
	return Logits{Scale: math.Exp(t.scale), Bias: t.bias, Sigmoid: t.net.ProjectionBias}, t.net.Scale != nil
}

// Forward adds the tower to a graph, for whoever wants more than Encode gives: ids (B, T), their
// positions 0 to T-1 (T), and the row of ids at which each text is read (B), counted through the
// batch, to features (B, E). Every tensor on the way has a name: "block.3.qkv".
func (t *Tower) Forward(g *graph.Builder, ids, positions, ends *graph.Node) *graph.Node {
	return t.net.forward(g, ids, positions, ends)
}

// Close frees the tower.
func (t *Tower) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	errs := []error{t.programs.close(), t.device.Close(), t.source.Close()}
	if t.pack != nil {
		errs = append(errs, t.pack.Close())
	}
	return errors.Join(errs...)
}

// Encode returns the features of texts, (N, E), in their order. They are not normalised. If a
// text is longer than the tower reads, its beginning counts; Tokenizer().Encode says so.
func (t *Tower) Encode(ctx context.Context, texts []string) (*tensor.Dense, error) {
	if t.tokens == nil {
		return nil, errors.New("the tower was opened without a tokenizer: it reads ids alone")
	}
	list := make([][]int32, len(texts))
	for i, s := range texts {
		e, err := t.tokens.Encode(s)
		if err != nil {
			return nil, fmt.Errorf("text %d: %w", i, err)
		}
		list[i] = e.IDs
	}
	return t.EncodeIDs(ctx, list)
}

// EncodeIDs is Encode of texts that are ids already: Config().Context of them each, framed
// and padded as the tower was trained with.
func (t *Tower) EncodeIDs(ctx context.Context, ids [][]int32) (*tensor.Dense, error) {
	c := t.net.Config
	for i, list := range ids {
		if len(list) != c.Context {
			return nil, fmt.Errorf("text %d has %d ids, want %d", i, len(list), c.Context)
		}
		for at, id := range list {
			if id < 0 || int(id) >= c.Vocabulary {
				return nil, fmt.Errorf("text %d: id %d is %d, want 0 to %d", i, at, id, c.Vocabulary-1)
			}
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("there are no texts")
	}
	// Texts of about one length go together: then little is computed behind their ends.
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.needed(ids[a]), c.needed(ids[b])) })
	features := make([]float32, len(ids)*c.Embed)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errors.New("the tower is closed")
	}
	for chunk := range slices.Chunk(order, t.batch) {
		if err := t.encode(ctx, ids, chunk, features); err != nil {
			return nil, err
		}
	}
	return tensor.New(tensor.WithShape(len(ids), c.Embed), tensor.WithBacking(features)), nil
}

// lengthStep is what the number of positions in a program is a multiple of, so that there are
// few programs.
const lengthStep = 4

// encode computes the texts of a chunk, and writes their features to rows of the same number.
func (t *Tower) encode(ctx context.Context, ids [][]int32, chunk []int, features []float32) (err error) {
	defer t.guard(&err, debug.SetPanicOnFault(true))
	c := t.net.Config
	length := 0
	for _, i := range chunk {
		length = max(length, c.needed(ids[i]))
	}
	length = min((length+lengthStep-1)/lengthStep*lengthStep, c.Context)
	p, err := t.programs.get(size{len(chunk), length}, t.compile)
	if err != nil {
		return err
	}
	ends := p.machine.Input(p.ends).Float32s()
	all := make([]int, 0, len(chunk)*length)
	for row, i := range chunk {
		for _, id := range ids[i][:length] {
			all = append(all, int(id))
		}
		ends[row] = float32(row*length + c.ReadAt(ids[i]))
	}
	if err := t.rows(p.machine.Input(p.tokens).Float32s(), all); err != nil {
		return err
	}
	for i := range p.machine.Input(p.positions).Float32s() {
		p.machine.Input(p.positions).Float32s()[i] = float32(i)
	}
	if err := p.machine.Run(ctx); err != nil {
		return err
	}
	out, err := p.machine.Value(p.features)
	if err != nil {
		return err
	}
	for row, i := range chunk {
		copy(features[i*c.Embed:(i+1)*c.Embed], out.Float32s()[row*c.Embed:])
	}
	return nil
}
