package conformance

import (
	"fmt"
	"strconv"
	"strings"
)

// blockTaps maps the names of tensors in a block, in bundles, to scope paths below "blocks.<i>.".
var blockTaps = map[string]string{
	"norm1": "norm1", "qkv": "attn.qkv", "context": "attn.context", "proj": "attn.proj", "mid": "mid",
	"norm2": "norm2", "fc1": "mlp.fc1", "gelu": "mlp.gelu", "fc2": "mlp.fc2",
}

// isOutput reports whether a tensor is an output of the model, which needs no tap.
func isOutput(name string) bool {
	return name == "summary" || name == "features" || strings.HasPrefix(name, "adaptor.")
}

// tapPath returns the scope path of a tensor by its name in a bundle.
func tapPath(name string) (string, error) {
	switch name {
	case "conditioned", "tokens", "final":
		return name, nil
	case "patches", "pos_embed":
		return "patch_generator." + name, nil
	}
	rest, ok := strings.CutPrefix(name, "block.")
	if !ok {
		return "", fmt.Errorf("no tensor of the model has this name")
	}
	index, leaf, inner := strings.Cut(rest, ".")
	if n, err := strconv.Atoi(index); err != nil || n < 0 || strconv.Itoa(n) != index {
		return "", fmt.Errorf("want block.<number>")
	}
	if !inner {
		return "blocks." + index, nil
	}
	path, ok := blockTaps[leaf]
	if !ok {
		return "", fmt.Errorf("no tensor inside a block is called %q", leaf)
	}
	return "blocks." + index + "." + path, nil
}

// adaptorOutput splits "adaptor.NAME.summary".
func adaptorOutput(name string) (adaptor, output string, ok bool) {
	rest, ok := strings.CutPrefix(name, "adaptor.")
	if !ok {
		return "", "", false
	}
	dot := strings.LastIndexByte(rest, '.')
	if dot < 1 {
		return "", "", false
	}
	return rest[:dot], rest[dot+1:], true
}
