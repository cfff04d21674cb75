package radio

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"

	"cradio/graph"
	"cradio/layers"
	"cradio/loader"
	"cradio/radio/checkpoint"
	"cradio/radio/image"

	"gorgonia.org/tensor"
)

// Model owns a network's weights, and a compiled program for each input size.
// It is safe for concurrent use.
type Model struct {
	config     *Config
	net        *Network
	weights    *layers.Weights
	source     loader.Source
	about      []byte              // config.json of a source without a folder; or nil
	tensors    *checkpoint.Tensors // of the source, by the hub's names
	pack       *Pack               // or nil
	adapter    string              // the sum of the adapter that is merged, or empty
	files      opened
	precision  DType
	dtype      tensor.Dtype
	target     graph.Target
	programs   *programs
	passes     *gate // forward passes at once
	concurrent int   // how many
	trace      func(Event)
	freed      func() // see Options.FreeMemory; or nil
	processor  *image.Processor
	mean, std  [3]float32 // of the input conditioner
	log        *slog.Logger

	closing sync.RWMutex // held for reading by every forward pass
	closed  bool
	warned  sync.Map // sizes that were warned of
}

// New makes a model from a configuration and a source of tensors. The model owns the source: it is
// closed with the model, or at once if New fails.
func New(c *Config, src loader.Source, opt Options) (m *Model, err error) {
	device, err := opt.device()
	if err != nil {
		src.Close()
		return nil, err
	}
	return newOn(device, c, src, opt)
}

// newOn is New on a device, which the model then owns too.
func newOn(device graph.Device, c *Config, src loader.Source, opt Options) (*Model, error) {
	m, err := newModel(c, src, nil, device, opt)
	if err != nil {
		device.Close()
		src.Close()
	}
	return m, err
}

// newModel is New with the pack of the source, or nil, on a device. It closes none of them.
func newModel(c *Config, src loader.Source, pack *Pack, device graph.Device, opt Options) (m *Model, err error) {
	dt, _, err := opt.DType.elements()
	if err != nil {
		return nil, err
	}
	config := *c
	if _, ok := src.(*loader.Synthetic); ok {
		config.Synthetic = true
	}
	if opt.AlignCorners != nil {
		config.AlignCorners = *opt.AlignCorners
	}
	opt.ViTDet = opt.ViTDet.or(&config)
	if err := opt.ViTDet.apply(&config); err != nil {
		return nil, err
	}
	m = &Model{config: &config, source: src, pack: pack, precision: cmp.Or(opt.DType, Float32), dtype: dt, log: opt.log()}
	var packed *loader.File
	if pack != nil {
		packed = pack.file.File()
	}
	if m.files, err = openFiles(src, packed); err != nil {
		return nil, err
	}
	m.target.Device, m.target.Fault = device, m.files.fault
	if err := m.load(opt); err != nil {
		return nil, err
	}
	if err := m.mergeAdapter(opt.Adapter); err != nil {
		return nil, err
	}
	if opt.ExternalPreprocessing {
		m.net.Conditioner = nil
	}
	m.target.NoFusion, m.target.Check = opt.NoFusion, opt.CheckFinite
	m.target.Consume = true // every run fills them
	m.concurrent = max(cmp.Or(opt.Concurrent, atOnce(device)), 1)
	m.passes, m.trace, m.freed = newGate(m.concurrent), opt.Trace, opt.FreeMemory
	m.programs = newPrograms(opt.Programs, newIdle(opt.IdleBytes, m.concurrent+1)) // one holds outputs while the next one computes
	m.processor = image.ShortEdgeProcessor(min(config.PreferredResolution[0], config.PreferredResolution[1]))
	return m, nil
}

// load reads the weights, and checks that the checkpoint and the
// configuration agree to the last tensor.
func (m *Model) load(opt Options) (err error) {
	defer m.files.guard(&err, debug.SetPanicOnFault(true))
	src, err := checkpoint.NewTensors(m.source, m.config)
	if err != nil {
		return err
	}
	m.tensors = src
	var weights layers.Source = src
	var packed *packedSource
	if m.pack != nil {
		packed = &packedSource{Tensors: src, pack: m.pack.file}
		weights = packed
	}
	m.weights = layers.NewWeights(weights, m.dtype)
	m.net = NewNetwork(m.weights, m.config, opt.ViTDet)
	idxs, err := src.SummaryIdxs()
	if err != nil {
		return err
	}
	if err := src.Verify(m.weights.Errs()); err != nil {
		return err
	}
	if packed != nil {
		if err := packed.restore(m.weights.All(), packedDevice(m.target.Device)); err != nil {
			return err
		}
	}
	if err := m.loadConditioner(weights); err != nil {
		return err
	}
	if idxs != nil && !slices.Equal(idxs, m.config.SummaryIdxs) {
		m.log.Warn("summary_idxs of the checkpoint and of config.json differ: taking the checkpoint's",
			"checkpoint", idxs, "config", m.config.SummaryIdxs)
		m.config.SummaryIdxs = idxs
	}
	if len(m.config.SummaryIdxs) == 0 {
		return fmt.Errorf("%s: no teacher has use_summary: the summary would be empty", m.source)
	}
	for _, i := range m.config.SummaryIdxs {
		if i >= m.config.NumClasses {
			return fmt.Errorf("%s: summary_idxs has %d, but there are only %d class tokens", m.source, i, m.config.NumClasses)
		}
	}
	return nil
}

// Precision is the precision of the computation.
func (m *Model) Precision() DType { return m.precision }

// Config is the architecture.
func (m *Model) Config() Config { return *m.config }

// Network is the architecture with its weights, to build other graphs on.
func (m *Model) Network() *Network { return m.net }

// Weights lists every weight, by its name in the checkpoint.
func (m *Model) Weights() []*graph.Weight { return m.weights.All() }

// Params is the number of weights' elements.
func (m *Model) Params() int {
	n := 0
	for _, w := range m.weights.All() {
		n += w.Shape().TotalSize()
	}
	return n
}

// Source names where the weights come from.
func (m *Model) Source() string { return m.source.String() }

// Layout says how the checkpoint's files name tensors: "hub", "torch hub" or
// "transformers", and under which prefix.
func (m *Model) Layout() string {
	if p := m.tensors.Prefix(); p != "" {
		return fmt.Sprintf("%s, under %q", m.tensors.Dialect(), p)
	}
	return m.tensors.Dialect()
}

// Processor is how images become pixels: preprocessor_config.json, or where there is
// none a resize of the shorter edge to the preferred resolution. It is a copy.
func (m *Model) Processor() *image.Processor {
	p := *m.processor
	p.Ignored = slices.Clone(p.Ignored)
	return &p
}

// Conditioner gives the mean and deviation per channel of the model's input
// normalisation, for Options.ExternalPreprocessing.
func (m *Model) Conditioner() (mean, std [3]float32) {
	return m.mean, m.std
}

// loadConditioner reads what Conditioner gives.
func (m *Model) loadConditioner(src layers.Source) error {
	for name, to := range map[string]*[3]float32{"norm_mean": &m.mean, "norm_std": &m.std} {
		v, err := src.Float32("radio_model.input_conditioner."+name, 3, 1, 1)
		if err != nil {
			return err
		}
		copy(to[:], v)
	}
	return nil
}

// PackedBytes is the memory of packed weights, without the checkpoint.
func (m *Model) PackedBytes() int {
	if p := packedDevice(m.target.Device); p != nil {
		return p.Held()
	}
	return 0
}

// Close waits for the forward passes that are running, and frees the weights. Passes that still wait
// return ErrClosed.
func (m *Model) Close() error {
	m.passes.close(ErrClosed)
	m.closing.Lock()
	defer m.closing.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	m.programs.clear()
	err := m.target.Device.Close()
	if m.pack != nil {
		err = errors.Join(err, m.pack.file.Close())
	}
	return errors.Join(err, m.source.Close())
}
