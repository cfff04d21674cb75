package hub

import (
	"context"
	"fmt"
	"os"
	"sync"

	"cradio/loader"
)

// fetchAll downloads the files that a snapshot lacks, several at a time, and returns which ones.
func (c *Client) fetchAll(ctx context.Context, s *store, repo Repo, commit string, names []string) (map[string]bool, error) {
	var lacking []string
	for _, name := range names {
		if c.Force || !exists(s.pointer(commit, name)) {
			lacking = append(lacking, name)
		}
	}
	downloaded := map[string]bool{}
	if len(lacking) == 0 {
		return downloaded, nil
	}
	infos := make([]metadata, len(lacking))
	if err := c.parallel(ctx, len(lacking), func(ctx context.Context, i int) (err error) {
		infos[i], err = c.metadata(ctx, repo, commit, lacking[i])
		return err
	}); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.snapshot(commit), 0o777); err != nil {
		return nil, notWritten(s.snapshot(commit), err)
	}
	if err := c.checkSpace(s, repo, infos); err != nil {
		return nil, err
	}
	fresh := make([]bool, len(lacking))
	err := c.parallel(ctx, len(lacking), func(ctx context.Context, i int) (err error) {
		fresh[i], err = c.fetch(ctx, s, repo, infos[i])
		return err
	})
	for i, name := range lacking {
		downloaded[name] = fresh[i]
	}
	return downloaded, err
}

// checkSpace returns an error if the disk has no room for the files.
func (c *Client) checkSpace(s *store, repo Repo, infos []metadata) error {
	var need int64
	for _, m := range infos {
		if m.size < 0 || !c.Force && s.has(m) {
			continue
		}
		need += m.size
		if info, err := os.Stat(s.incomplete(m.etag)); err == nil {
			need -= min(info.Size(), m.size)
		}
	}
	if free := loader.FreeBytes(s.dir()); free >= 0 && need > free {
		return &loader.Error{File: s.cache, Item: repo.ID(), Want: fmt.Sprintf("%d bytes of free disk space", need), Found: fmt.Sprintf("%d bytes", free),
			Do: "free some space, or choose another disk with HF_HUB_CACHE", Err: ErrCache}
	}
	return nil
}

const defaultParallel = 3

// parallel calls do for 0 … n-1, several at a time, until one fails. It waits for all, and returns the first error.
func (c *Client) parallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	width := c.Parallel
	if width < 1 {
		width = defaultParallel
	}
	turns := make(chan int)
	var all sync.WaitGroup
	for range min(width, n) {
		all.Go(func() {
			for i := range turns {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		select {
		case turns <- i:
		case <-ctx.Done():
		}
	}
	close(turns)
	all.Wait()
	if ctx.Err() != nil {
		return settled(context.Cause(ctx))
	}
	return nil
}
