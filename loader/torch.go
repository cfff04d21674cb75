package loader

import (
	"errors"
	"fmt"
	"strings"

	"cradio/loader/filekind"
	"cradio/loader/pickle"
)

// Torch is one file of torch.save (.pth, .pt, .bin, .ckpt, or .pth.tar, which is not a tar archive), mapped into memory.
// Its pickle is read as data, and nothing in it is run (see package pickle). Each tensor is read when it is asked for.
type Torch struct {
	*MappedFile
	root any
	swap bool // numbers are big-endian
}

// OpenTorch maps the file at path and reads everything in it but the tensors' numbers. It reads both formats of torch.save:
// the zip archive of PyTorch 1.6 and later, and the older format.
func OpenTorch(path string) (*Torch, error) {
	m, err := mapPath(path, "a PyTorch checkpoint")
	if err != nil {
		return nil, err
	}
	return openTorch(m)
}

// openTorch reads a mapped file. It owns the file, and closes it if there is an error.
func openTorch(m *MappedFile) (*Torch, error) {
	t := &Torch{MappedFile: m}
	var err error
	fault := m.guarded(func() { err = t.read() })
	if fault != nil {
		err = fault
	}
	if err != nil {
		m.Close()
		return nil, locate(err, m.path, "", fetchAgain)
	}
	return t, nil
}

func (t *Torch) read() error {
	switch t.kind {
	case filekind.TorchZip, filekind.Zip:
		return t.readZip()
	case filekind.TorchLegacy:
		return t.readLegacy()
	}
	if err := otherKind(t.path, "a PyTorch checkpoint", t.mapped); err != nil {
		return err
	}
	return &Error{Want: "a PyTorch checkpoint", Found: "a file that begins with " + quote(string(t.mapped[:min(8, len(t.mapped))]))}
}

// Root returns the object that torch.save was given, as a value of package pickle: usually a *pickle.Dict. The tensors in
// it are *TorchTensor.
func (t *Torch) Root() any { return t.root }

// load reads the pickle at the beginning of text, and returns its length. item names it in messages.
func (t *Torch) load(text []byte, item string, storages *storages) (any, int, error) {
	v, used, err := pickle.Load(text, pickle.Options{Globals: torchGlobal, Persistent: storages.find})
	if err == nil {
		return v, used, nil
	}
	e := &Error{File: t.path, Item: item, Found: err.Error(), Do: fetchAgain, Err: err}
	var broken *pickle.Error
	if errors.As(err, &broken) {
		e.Item = fmt.Sprintf("%s, byte %d", item, broken.Offset)
		e.Want, e.Found = broken.Want, broken.Found
		if broken.Global != "" {
			e.Do = aboutGlobal(broken.Global)
		}
	}
	return nil, 0, e
}

// aboutGlobal returns the advice for a pickle that asks for an unknown name.
func aboutGlobal(name string) string {
	for _, prefix := range []string{"os.", "posix.", "nt.", "subprocess.", "sys.", "shutil.", "socket.", "runpy.", "importlib.", "ctypes.",
		"pty.", "webbrowser.", "commands.", "urllib.", "requests.", "builtins.eval", "builtins.exec", "builtins.compile",
		"builtins.__import__", "builtins.open", "builtins.globals"} {
		if strings.HasPrefix(name, prefix) {
			return "nothing in it was run, but Python would run it: do not load this file anywhere, and tell its publisher"
		}
	}
	const save = "nothing in it was run. If you trust its publisher, load it in Python (torch.load(file, weights_only=False)) " +
		"and save only the weights: torch.save(%s, file)"
	if strings.HasPrefix(name, "torch.nn.") || strings.HasPrefix(name, "__torch__.") || strings.HasPrefix(name, "torchvision.") ||
		strings.HasPrefix(name, "timm.") || strings.HasPrefix(name, "transformers.") {
		return "the file contains a whole model object, which includes code; " + fmt.Sprintf(save, "model.state_dict()")
	}
	return fmt.Sprintf(save, `checkpoint["state_dict"]`)
}
