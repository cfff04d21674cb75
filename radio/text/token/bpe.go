package token

import (
	"container/heap"

	"github.com/sugarme/tokenizer"
)

// bpe merges neighbouring symbols in the order of their ranks, as Hugging Face's BPE does.
type bpe struct {
	vocabulary
	merges map[pair]merge
	start  func(word string) []int // the symbols that a word begins as
	added  added                   // of SigLIP2
	cache  *cache                  // or nil
	// rule takes the place of merges in sentencepiece's files.
	rule func(left, right int) (merge, bool)
}

type pair struct{ left, right int }

// merge is the id of a pair's symbol, and when it is made: the smallest rank first.
type merge struct{ rank, id int }

// Tokenize implements the library's Model.
func (b *bpe) Tokenize(word string) ([]tokenizer.Token, error) {
	if b.cache == nil {
		return b.named(b.encode(word), word), nil
	}
	ids := b.cache.get(word)
	if ids == nil {
		ids = b.encode(word)
		b.cache.put(word, ids)
	}
	return b.named(ids, word), nil
}

// symbol is one of a word, in a list that is linked by index. A merged one has id -1.
type symbol struct{ id, prev, next int }

// candidate is a merge that could be made of the symbol at and the one behind it.
type candidate struct {
	merge
	at int
}

// queue is a heap of candidates, the lowest rank and the leftmost first.
type queue []candidate

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].rank < q[j].rank || q[i].rank == q[j].rank && q[i].at < q[j].at
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(candidate)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// encode returns the ids of a word, in n·log n steps.
func (b *bpe) encode(word string) []int {
	ids := b.start(word)
	list := make([]symbol, len(ids))
	for i, id := range ids {
		list[i] = symbol{id, i - 1, i + 1}
	}
	var q queue
	for i := range list {
		if c, ok := b.candidate(list, i); ok {
			q = append(q, c)
		}
	}
	heap.Init(&q)
	for q.Len() > 0 {
		c := heap.Pop(&q).(candidate)
		if now, ok := b.candidate(list, c.at); !ok || now.id != c.id {
			continue // one of the two was merged meanwhile
		}
		left := &list[c.at]
		right := &list[left.next]
		left.id, right.id = c.id, -1
		left.next = right.next
		if left.next < len(list) {
			list[left.next].prev = c.at
		}
		for _, at := range []int{left.prev, c.at} {
			if c, ok := b.candidate(list, at); ok {
				heap.Push(&q, c)
			}
		}
	}
	out := ids[:0]
	for _, s := range list {
		if s.id >= 0 {
			out = append(out, s.id)
		}
	}
	return out
}

// candidate is the merge of the symbol at with the one behind it, if there is one.
func (b *bpe) candidate(list []symbol, at int) (c candidate, ok bool) {
	if at < 0 || list[at].id < 0 || list[at].next >= len(list) {
		return c, false
	}
	m, ok := b.merged(list[at].id, list[list[at].next].id)
	return candidate{m, at}, ok
}

func (b *bpe) merged(left, right int) (merge, bool) {
	if b.rule != nil {
		return b.rule(left, right)
	}
	m, ok := b.merges[pair{left, right}]
	return m, ok
}
