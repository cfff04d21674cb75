package graph

import (
	"fmt"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Builder adds operations to an expression graph, at a scope path.
//
// At returns a Builder one scope deeper. All Builders of a graph share its first
// error. The tensor of a path is the output of the last operation that was added at
// exactly that path: the output of `g.At("attn").At("qkv").Linear(…)` is the tensor
// of "attn.qkv".
type Builder struct {
	*shared
	path string
}

// shared is the state that the Builders of one graph share.
type shared struct {
	graph   *G.ExprGraph
	dtype   tensor.Dtype
	err     error
	nodes   map[string]*Node // path to node
	paths   []string         // in the order of building
	salts   map[string]int
	weights map[*Weight]*Node
	owners  map[*Node]*Weight // the inverse
	inputs  []*Node
	lazy    bool

	derivative bool // what is added is part of a gradient
}

// New returns the Builder of an empty graph, of tensor.Float32 or tensor.Float64.
func New(dt tensor.Dtype) *Builder {
	return newBuilder(G.NewGraph(), dt, "")
}

// Lazy creates the nodes of weights without values. A Machine loads the values that it
// needs; a value that is only needed in packed form is not loaded. Gorgonia's own
// machines need the values, so they cannot run such a graph.
func (b *Builder) Lazy() *Builder {
	b.lazy = true
	return b
}

func newBuilder(g *G.ExprGraph, dt tensor.Dtype, path string) *Builder {
	return &Builder{path: path, shared: &shared{
		graph: g, dtype: dt,
		nodes: map[string]*Node{}, salts: map[string]int{}, weights: map[*Weight]*Node{}, owners: map[*Node]*Weight{},
	}}
}

// derivative is the Builder in which the Operation of o adds its gradient.
func derivative(g *G.ExprGraph, dt tensor.Dtype, o *Op) *Builder {
	b := newBuilder(g, dt, o.Path+".grad")
	b.derivative = true
	b.salts[b.path] = int(o.Hashcode()) // keeps the salts of two operations at one path apart
	return b
}

// At returns the Builder of a scope below: At("blocks", 3) is "blocks.3".
func (b *Builder) At(parts ...any) *Builder {
	path := b.path
	for _, p := range parts {
		if path != "" {
			path += "."
		}
		path += fmt.Sprint(p)
	}
	return &Builder{shared: b.shared, path: path}
}

// Path returns the scope path.
func (b *Builder) Path() string { return b.path }

// Graph returns the Gorgonia graph.
func (b *Builder) Graph() *G.ExprGraph { return b.graph }

// DType returns the element type of the graph's tensors.
func (b *Builder) DType() tensor.Dtype { return b.dtype }

// Err returns the first error, or nil.
func (b *Builder) Err() error { return b.err }

// Fail records an error at this scope, unless there is one already.
func (b *Builder) Fail(format string, args ...any) {
	if b.err != nil {
		return
	}
	b.err = fmt.Errorf(format, args...)
	if b.path != "" {
		b.err = fmt.Errorf("%s: %w", b.path, b.err)
	}
}

// Node returns the tensor at a path. If there is none, the error names similar paths.
func (b *Builder) Node(path string) (*Node, error) {
	if n, ok := b.nodes[path]; ok {
		return n, nil
	}
	var near []string
	leaf := path[strings.LastIndexByte(path, '.')+1:]
	for _, p := range b.paths {
		if strings.HasSuffix(p, leaf) && len(near) < 4 {
			near = append(near, p)
		}
	}
	if near == nil {
		near = b.paths[:min(4, len(b.paths))]
	}
	return nil, fmt.Errorf("no tensor at path %q; there are %d, such as %s", path, len(b.paths), strings.Join(near, ", "))
}

// Paths lists every path that has a tensor, in the order of building.
func (b *Builder) Paths() []string { return b.paths }

// Inputs returns the nodes that Input added, in order.
func (b *Builder) Inputs() []*Node { return b.inputs }

// Input adds a tensor whose values are given for each run.
func (b *Builder) Input(name string, shape ...int) *Node {
	n := b.leaf(b.At(name).path, nil, shape)
	if n != nil {
		b.inputs = append(b.inputs, n)
	}
	return n
}

// Weight returns the node of w in this graph. It is always the same node.
func (b *Builder) Weight(w *Weight) *Node {
	if n, ok := b.weights[w]; ok || b.err != nil {
		return n
	}
	if w == nil || w.Shape() == nil {
		b.Fail("weight is missing")
		return nil
	}
	if dt := w.Dtype(); dt != b.dtype {
		b.Fail("weight %s is %v, the graph is %v", w.Name, dt, b.dtype)
		return nil
	}
	var value *tensor.Dense
	if !b.lazy {
		var err error
		if value, err = w.Value(); err != nil {
			b.Fail("%w", err)
			return nil
		}
	}
	n := b.leaf(w.Name, value, w.Shape())
	if n != nil {
		b.weights[w], b.owners[n] = n, w
	}
	return n
}

// leaf adds an input node. Gorgonia takes two inputs whose hashes collide for
// one: the name is salted until the node is new.
func (b *Builder) leaf(name string, value *tensor.Dense, shape tensor.Shape) *Node {
	if b.err != nil {
		return nil
	}
	before := len(b.graph.AllNodes())
	for try := range 8 {
		opts := []G.NodeConsOpt{G.WithShape(shape...), G.WithName(name + strings.Repeat("'", try))}
		if value != nil {
			opts = append(opts, G.WithValue(value))
		}
		n := G.NewTensor(b.graph, b.dtype, len(shape), opts...)
		if len(b.graph.AllNodes()) > before {
			return n
		}
	}
	b.Fail("input %s collides with another input of the graph", name)
	return nil
}

// Apply adds an operation and returns its output. It returns nil after an error.
func (b *Builder) Apply(k Operation, in ...*Node) *Node {
	if b.err != nil {
		return nil
	}
	for i, n := range in {
		if n == nil {
			b.Fail("%v: input %d is missing", k, i)
			return nil
		}
	}
	n, err := b.apply(k, in)
	if err != nil {
		b.Fail("%w", err)
		return nil
	}
	return b.Tap(n)
}

// Tap makes n the tensor of this path, and returns n.
func (b *Builder) Tap(n *Node) *Node {
	if _, ok := b.nodes[b.path]; !ok {
		b.paths = append(b.paths, b.path)
	}
	b.nodes[b.path] = n
	return n
}

// apply salts the operation with its path and a count, and again where
// Gorgonia's 32-bit hash makes it collide with another node.
func (b *Builder) apply(k Operation, in []*Node) (_ *Node, err error) {
	defer recovered(&err, b.path)
	for range 8 {
		salt := fmt.Sprintf("%s#%d", b.path, b.salts[b.path])
		b.salts[b.path]++
		op, err := newOp(k, b.path, salt, in)
		if err != nil {
			return nil, err
		}
		op.derivative = b.derivative
		n, err := G.ApplyOp(op, in...)
		if err != nil {
			return nil, err
		}
		if n.Op() == G.Op(op) {
			return n, nil
		}
	}
	return nil, fmt.Errorf("%v collides with other operations in the graph", k)
}

// Shape returns the shape of n, or nil after an error.
func (b *Builder) Shape(n *Node) tensor.Shape {
	if b.err != nil || n == nil {
		return nil
	}
	return n.Shape()
}
