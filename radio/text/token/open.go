package token

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fileMost is the largest vocabulary that is read. Gemma's tokenizer.json has 34 MB.
const fileMost = 128 << 20

// names are the files that hold a kind's vocabulary, the ones that load fastest first.
func (k Kind) names() []string {
	switch k {
	case KindSigLIP:
		return []string{"spiece.model", "tokenizer.json"}
	case KindSigLIP2:
		return []string{"tokenizer.model", "tokenizer.json"}
	default:
		return nil // it is a part of the program
	}
}

// Open reads the tokenizer of a kind from a file, or from a folder that has it, as the folder
// of a text tower does: tokenizer.json, spiece.model or tokenizer.model. CLIP's is embedded,
// and path is only read if it is a file.
//
// The error names the file, what was wanted and what was found.
func Open(path string, k Kind) (*Tokenizer, error) {
	if _, err := ParseKind(string(k)); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return openFile(path, k)
	}
	if k == KindCLIP {
		return CLIP(), nil
	}
	for _, name := range k.names() {
		t, err := openFile(filepath.Join(path, name), k)
		if !errors.Is(err, fs.ErrNotExist) {
			return t, err
		}
	}
	return nil, fmt.Errorf("%s: no tokenizer: want %s; copy it there from the repository of the text tower", path, strings.Join(k.names(), " or "))
}

func openFile(path string, k Kind) (*Tokenizer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileMost+1))
	if err != nil {
		return nil, err
	}
	if len(data) > fileMost {
		return nil, fmt.Errorf("%s: more than %d bytes: this is no tokenizer", path, fileMost)
	}
	t, err := Read(data, k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Read makes the tokenizer of a kind from the contents of a tokenizer.json, of a sentencepiece
// file, or for CLIP of a merges.txt.
func Read(data []byte, k Kind) (t *Tokenizer, err error) {
	var m model
	if len(data) > 0 && data[0] == '{' {
		var f *file
		if f, err = readHuggingFace(data); err == nil {
			m, err = f.as(k)
		}
	} else if rest, ok := bytes.CutPrefix(data, []byte("#version:")); ok && k == KindCLIP {
		m, err = readMergesFile(rest)
	} else if k == KindCLIP {
		return nil, errors.New("texts of clip need a tokenizer.json or a merges.txt; without one the embedded vocabulary is used")
	} else {
		var p *pieces
		if p, err = readPieces(data); err == nil {
			m, err = p.as(k)
		} else {
			err = fmt.Errorf("neither a tokenizer.json nor a sentencepiece model: %w", err)
		}
	}
	if err != nil {
		return nil, err
	}
	if t, err = newTokenizer(k, m, k.Length()); err != nil {
		return nil, err
	}
	t.sum = sumOf(data)
	return t, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
