package data

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cradio/radio/image"
)

// Read reads every file once. It computes the SHA-256 of each, and reads the header of the
// picture. Pictures that cannot be read move to Skipped. progress is told how many are done;
// it may be nil.
//
// Where the set is split already, no picture may be in two parts: an evaluation on what was
// trained on flatters. Such a picture stays in the last of its parts, in test rather than in
// val, in val rather than in train. The other copies move to Skipped, with ErrStraddles.
//
// It is an error if no picture is left, or none of a part.
func (d *Dataset) Read(ctx context.Context, progress func(done, total int)) error {
	wrong := make([]error, len(d.Items))
	var next, done atomic.Int64
	var told sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(d.Items)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(d.Items) {
					return
				}
				wrong[i] = d.Items[i].read(d.Known)
				if progress != nil {
					told.Lock()
					progress(int(done.Add(1)), len(d.Items))
					told.Unlock()
				}
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	d.Hashed = true
	last := map[[sha256.Size]byte]Part{}
	for i, item := range d.Items {
		if wrong[i] == nil && slices.Index(Parts(), item.Part) > slices.Index(Parts(), last[item.SHA256]) {
			last[item.SHA256] = item.Part
		}
	}
	before := map[Part]int{}
	kept := d.Items[:0]
	for i, item := range d.Items {
		before[item.Part]++
		err := wrong[i]
		if p := last[item.SHA256]; err == nil && p != item.Part {
			err = fmt.Errorf("%w: a picture%s with the same contents is in %s too", ErrStraddles, ofPart(item.Part), p)
		}
		if err != nil {
			d.Skipped = append(d.Skipped, Skipped{item.Path, err})
			continue
		}
		kept = append(kept, item)
	}
	d.Items = kept
	for p := range before {
		if len(d.Part(p)) == 0 {
			return fmt.Errorf("%s: none of the %d pictures%s can be used; the first: %w", d.Path, before[p], ofPart(p), d.Skipped[0].Err)
		}
	}
	return nil
}

// ErrStraddles is why a picture is skipped that is in another part too.
var ErrStraddles = errors.New("left out")

func ofPart(p Part) string {
	if p == "" {
		return ""
	}
	return " of " + string(p)
}

// read reads the file of an item, unless its contents are known.
func (i *Item) read(known func(string, Stamp) ([sha256.Size]byte, bool)) error {
	began := time.Now()
	before, tells := i.stamp()
	if tells && known != nil {
		if sum, ok := known(i.Path, before); ok {
			i.SHA256, i.Stamp = sum, before
			return nil
		}
	}
	contents, err := image.ReadFile(i.Path)
	if err != nil {
		return err
	}
	i.SHA256 = sha256.Sum256(contents)
	if after, _ := i.stamp(); tells && after == before && before.settled(began) {
		i.Stamp = before
	}
	i.Turned = image.Orientation(contents) > 1
	h, w, err := image.Bounds(contents)
	if err == nil && int64(h)*int64(w) > image.DefaultMaxPixels {
		err = fmt.Errorf("has %d×%d pixels: must be at most %d", w, h, image.DefaultMaxPixels)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", i.Path, err)
	}
	return nil
}

// stamp is the stamp of the file now. tells is false if it cannot be relied on.
func (i *Item) stamp() (s Stamp, tells bool) {
	info, err := os.Stat(i.Path)
	if err != nil {
		return Stamp{}, false
	}
	return stampOf(info)
}
