package token

import (
	"hash/maphash"
	"sync/atomic"
)

// cache remembers the ids of short words. It has one place for each hash, which the last
// word takes, so that it is bounded and needs no lock.
type cache struct {
	seed   maphash.Seed
	places [1 << 14]atomic.Pointer[cached]
}

type cached struct {
	word string
	ids  []int
}

// cachedMost is the longest word that is remembered, in bytes.
const cachedMost = 64

func newCache() *cache { return &cache{seed: maphash.MakeSeed()} }

func (c *cache) place(word string) *atomic.Pointer[cached] {
	return &c.places[maphash.String(c.seed, word)%uint64(len(c.places))]
}

// get returns the ids of a word, nil if it is not there. They must not be changed.
func (c *cache) get(word string) []int {
	if e := c.place(word).Load(); e != nil && e.word == word {
		return e.ids
	}
	return nil
}

func (c *cache) put(word string, ids []int) {
	if len(word) <= cachedMost {
		c.place(word).Store(&cached{word, ids})
	}
}
