package text

// ReadAt is the position that a text is read at.
func (c *Config) ReadAt(ids []int32) int {
	switch c.Pool {
	case PoolLast:
		return len(ids) - 1
	case PoolEnd:
		for i, id := range ids {
			if int(id) == c.End {
				return i
			}
		}
		return 0
	default:
		at := 0
		for i, id := range ids {
			if id > ids[at] {
				at = i
			}
		}
		return at
	}
}

// needed is how many ids the features of a text depend on: where a position sees only those
// before it, what follows the end makes no difference.
func (c *Config) needed(ids []int32) int {
	if c.Causal {
		return c.ReadAt(ids) + 1
	}
	return len(ids)
}
