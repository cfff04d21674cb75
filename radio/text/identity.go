package text

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/text/token"
)

// Identity says which tower makes embeddings: two of one identity give the same numbers.
type Identity struct {
	Files      []FileIdentity `json:"files"` // of its weights; none of synthetic ones
	Config     Config         `json:"config"`
	Weights    string         `json:"weights"`  // of synthetic weights, their seed
	Cleaning   string         `json:"cleaning"` // how texts are cleaned and split
	Vocabulary string         `json:"vocabulary_sha256"`
	Precision  string         `json:"precision"`
}

// FileIdentity is a file and the SHA-256 of its contents.
type FileIdentity struct {
	loader.Identity
	SHA256 string `json:"sha256"`
}

// Identity reads the files of the weights, to sum them, which takes a second for a gigabyte or two.
func (t *Tower) Identity(ctx context.Context) (id Identity, err error) {
	if id, err = t.identity(); err != nil {
		return id, err
	}
	for i, f := range t.files() {
		if id.Files[i].SHA256, err = f.Checksum(ctx); err != nil {
			return id, err
		}
		if err := f.Unchanged(); err != nil {
			return id, err
		}
	}
	return id, nil
}

// identity is Identity without sums.
func (t *Tower) identity() (id Identity, err error) {
	id = Identity{Config: *t.net.Config, Precision: string(t.precision)}
	if t.tokens != nil {
		id.Cleaning, id.Vocabulary = fmt.Sprintf("%s-v%d", t.tokens.Kind(), token.CleaningVersion), t.tokens.Sum()
	}
	if s, ok := t.source.(*loader.Synthetic); ok {
		id.Weights = s.String()
	}
	for _, f := range t.files() {
		one, err := f.Identity()
		if err != nil {
			return id, err
		}
		id.Files = append(id.Files, FileIdentity{Identity: one})
	}
	return id, nil
}

// files are those of the weights.
func (t *Tower) files() []*loader.MappedFile {
	if c, ok := t.source.(*loader.Checkpoint); ok {
		return c.Files()
	}
	return nil
}

// key is the SHA-256 of what changes numbers: not of names and times.
func (id Identity) key() string {
	id.Files = slices.Clone(id.Files)
	for i := range id.Files {
		id.Files[i].Identity = loader.Identity{}
	}
	text, err := json.Marshal(id)
	if err != nil {
		panic(err) // it has numbers and text alone
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// compare says in words in what a tower is another one than it was. Files that have the size, time
// and header that they had are taken for the same; others are read.
func (id Identity) compare(ctx context.Context, t *Tower) error {
	now, err := t.identity()
	switch {
	case err != nil:
		return err
	case now.Config != id.Config || now.Weights != id.Weights || len(now.Files) != len(id.Files):
		return errors.New("it was made by another text tower")
	case now.Cleaning != id.Cleaning:
		return fmt.Errorf("its texts were read as %s, and are read as %s now", id.Cleaning, now.Cleaning)
	case now.Vocabulary != id.Vocabulary:
		return errors.New("it was made with another vocabulary")
	case now.Precision != id.Precision:
		return fmt.Errorf("it was made in %s, not in %s", id.Precision, now.Precision)
	}
	for i, f := range t.files() {
		was := id.Files[i]
		if is := now.Files[i]; is.Size == was.Size && is.Header == was.Header && is.Modified.Equal(was.Modified) {
			continue
		}
		sum, err := f.Checksum(ctx)
		if err != nil {
			return err
		}
		if sum != was.SHA256 {
			return fmt.Errorf("it was made by another text tower: %s has other contents", f)
		}
	}
	return nil
}

// precisionOf is the name of a precision; the default is float32.
func precisionOf(d radio.DType) radio.DType {
	if d == "" {
		return radio.Float32
	}
	return d
}
