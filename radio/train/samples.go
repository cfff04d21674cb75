package train

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/radio/data"
	"cradio/radio/head"
)

// SamplesFile lists the data of a run, beside its checkpoints, for the words of a run that would go on with others.
const SamplesFile = "data.jsonl"

// Sample is a picture of a run's data as SamplesFile has it. Two that differ in nothing train alike.
type Sample struct {
	Part     data.Part `json:"part"`
	Picture  string    `json:"picture"`  // path
	Contents string    `json:"contents"` // first digits of a checksum
	Target   string    `json:"target"`   // of labels, mask or depths, as Contents
}

// Listed is a Task that can list its data, training part first. Without it a run that would go on with other data
// is told so, but not which pictures differ. Sums are those of the parts; see DataSum.
type Listed interface {
	Listed() []Sample
	Sums() DataSums
	// TargetName is what samples have beside a picture, such as "another mask".
	TargetName() string
}

// DataSums identify the data of a run. It is the first line of SamplesFile.
type DataSums struct {
	Train string `json:"train"`
	Val   string `json:"val"` // empty without a validation part
}

// listing lists a part of the data and its checksum. It may read every target.
func listing(part data.Part, in Inputs, goal Goal) (list []Sample, sum string, err error) {
	sum = DataSum(func(add func(...any)) {
		for i := range in.Len() {
			target, wrong := goal.Target(i)
			if wrong != nil && err == nil {
				err = wrong
			}
			add(in.Sum(i), target)
			list = append(list, Sample{part, in.Name(i), digest(in.Sum(i)), digest(target)})
		}
	})
	return list, sum, err
}

// digest shortens what identifies a picture or a target.
func digest(v any) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(v)))
	return hex.EncodeToString(sum[:8])
}

// writeSamples writes the list of a run's data, unless it is there.
func writeSamples(dir string, t Task) error {
	l, ok := t.(Listed)
	if !ok {
		return nil
	}
	path := filepath.Join(dir, SamplesFile)
	if sums, _, err := readSamples(path); err == nil && sums == l.Sums() {
		return nil
	}
	return loader.WriteFile(path, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		j := json.NewEncoder(b)
		j.SetEscapeHTML(false)
		err := j.Encode(l.Sums())
		for _, s := range l.Listed() {
			err = errors.Join(err, j.Encode(s))
		}
		return errors.Join(err, b.Flush())
	})
}

// readSamples reads a list.
func readSamples(path string) (sums DataSums, list []Sample, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sums, nil, err
	}
	defer f.Close()
	j := json.NewDecoder(bufio.NewReader(f))
	if err := j.Decode(&sums); err != nil {
		return sums, nil, err
	}
	for {
		var s Sample
		if err := j.Decode(&s); errors.Is(err, io.EOF) {
			return sums, list, nil
		} else if err != nil {
			return sums, nil, err
		}
		list = append(list, s)
	}
}

// targetName says that a picture has another target.
func targetName(k head.Kind) string {
	switch {
	case k == head.Depth:
		return "another depth map"
	case k.Dense():
		return "another mask"
	}
	return "other labels"
}
