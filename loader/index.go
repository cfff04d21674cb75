package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader/filekind"
	"cradio/loader/strictjson"
)

const (
	indexName = "model.safetensors.index.json"
	maxIndex  = maxHeader
)

// openShards opens every shard of an index. It checks that the index and the shards agree on which shard holds each tensor.
// It owns the file of the index, and closes it.
func openShards(index *MappedFile, dir string) (sources []Source, err error) {
	weights, err := index.weightMap()
	index.Close()
	if err != nil {
		return nil, err
	}
	path := index.path
	shards := shardsOf(weights)
	if err := checkPresent(dir, path, shards); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			closeAll(sources)
		}
	}()
	for _, shard := range shards {
		one, err := openOne(dir, shard)
		if err != nil {
			return sources, err
		}
		sources = append(sources, one...)
	}
	return sources, checkShards(path, weights, shards, sources)
}

// weightMap reads the file as an index.
func (m *MappedFile) weightMap() (weights map[string]string, err error) {
	if err := m.not("an index of safetensors files (JSON)", filekind.JSON, filekind.Text); err != nil {
		return nil, err
	}
	if len(m.mapped) > maxIndex {
		return nil, &Error{File: m.path, Want: fmt.Sprintf("at most %d bytes", maxIndex), Found: "more", Do: fetchAgain}
	}
	if fault := m.guarded(func() { weights, err = parseIndex(m.path, m.mapped) }); fault != nil {
		return nil, fault
	}
	return weights, err
}

// parseIndex reads an index's weight_map: which shard holds which tensor. The other fields of the index are ignored;
// "total_size" is often wrong, and the shards' own headers have the sizes.
func parseIndex(path string, text []byte) (weights map[string]string, err error) {
	s, err := strictjson.NewReader(text, strictjson.Limits{Bytes: maxIndex})
	if err != nil {
		return nil, locate(err, path, "index", fetchAgain)
	}
	err = s.Object(func(key string) error {
		if key != "weight_map" {
			return s.Skip()
		}
		weights = map[string]string{}
		return s.Object(func(name string) error {
			if len(weights) == maxTensors {
				return &Error{Want: fmt.Sprintf("at most %d tensors", maxTensors), Found: "more"}
			}
			shard, err := s.Text()
			if err == nil {
				err = checkName(name)
			}
			if err == nil {
				err = checkShardName(shard)
			}
			weights[name] = shard
			return locate(err, "", "weight_map, "+tensorItem(name), "")
		})
	})
	if err == nil {
		err = s.End()
	}
	if err == nil && len(weights) == 0 {
		err = &Error{Want: "a weight_map of tensors to shards", Found: "none"}
	}
	if err != nil {
		return nil, locate(err, path, "index", fetchAgain)
	}
	return weights, nil
}

// checkShardName returns an error unless the shard is the name of a file of weights in the index's own folder.
func checkShardName(shard string) error {
	if err := checkName(shard); err != nil {
		return err
	}
	if strings.ContainsAny(shard, `/\:`) || !filepath.IsLocal(shard) || !strings.HasSuffix(shard, ".safetensors") && !isTorchName(shard) {
		return &Error{Want: "the name of a .safetensors file or a PyTorch file in this folder", Found: quote(shard),
			Do: "do not trust this index: download the checkpoint from its publisher"}
	}
	return nil
}

func shardsOf(weights map[string]string) []string {
	seen := map[string]bool{}
	var shards []string
	for _, shard := range weights {
		if !seen[shard] {
			seen[shard] = true
			shards = append(shards, shard)
		}
	}
	slices.Sort(shards)
	return shards
}

// checkPresent looks for every shard before opening any, so that one message names all the missing ones.
func checkPresent(dir, index string, shards []string) error {
	var absent []string
	for _, shard := range shards {
		if _, err := os.Stat(filepath.Join(dir, shard)); os.IsNotExist(err) {
			absent = append(absent, shard)
		}
	}
	if absent == nil {
		return nil
	}
	return &Error{File: index, Want: fmt.Sprintf("%d shards", len(shards)),
		Found: fmt.Sprintf("%d; missing: %s", len(shards)-len(absent), list(absent)),
		Do:    "download the missing files into the same folder", Err: os.ErrNotExist}
}

// checkShards compares the index with the shards; sources[i] is shards[i].
func checkShards(index string, weights map[string]string, shards []string, sources []Source) error {
	var absent, unlisted []string
	held := map[string]string{} // tensor -> shard
	for i, source := range sources {
		for _, name := range source.Names() {
			if other, twice := held[name]; twice {
				return &Error{File: index, Item: tensorItem(name), Want: "it in one shard only",
					Found: "it in " + quote(other) + " and " + quote(shards[i]), Do: fetchAgain}
			}
			held[name] = shards[i]
			if _, ok := weights[name]; !ok {
				unlisted = append(unlisted, name)
			}
		}
	}
	for name, shard := range weights {
		if held[name] != shard {
			absent = append(absent, name)
		}
	}
	slices.Sort(absent)
	switch {
	case absent != nil:
		return &Error{File: index, Want: "every tensor in the shard that the index names",
			Found: fmt.Sprintf("%d not there: %s", len(absent), list(absent)), Do: fetchAgain}
	case unlisted != nil:
		return &Error{File: index, Want: "every tensor of the shards in the index",
			Found: fmt.Sprintf("%d unlisted: %s", len(unlisted), list(unlisted)), Do: fetchAgain}
	}
	return nil
}
