package hub

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cradio/loader"
)

// CachedModel is one snapshot of a model in the cache, or a repository that has no snapshot yet.
type CachedModel struct {
	Name       string    // ORG/NAME
	Commit     string    // empty if there is no snapshot
	Revisions  []string  // the branches and tags that point to Commit, sorted
	Dir        string    // folder of the snapshot
	Files      []string  // the files that the model needs, if it is complete
	Why        string    // why it is not complete; empty if it is
	Size       int64     // bytes of the snapshot's files, each blob counted once; snapshots may share blobs
	Incomplete int64     // bytes of unfinished downloads in the repository
	Modified   time.Time // time of the latest file
	Packs      []string  // names of the files of packed weights beside the checkpoint
}

// Loadable reports whether all files that the model needs are in the cache. It does not check that the model can be run.
func (m CachedModel) Loadable() bool { return m.Why == "" }

const maxCached = 100_000 // snapshots, and files of one

// Cached lists the models in the cache, by name and age. A cache that does not exist is empty. A broken snapshot is listed
// with the reason in Why.
func (c *Client) Cached(ctx context.Context) ([]CachedModel, error) {
	entries, err := os.ReadDir(c.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &loader.Error{File: c.Cache, Item: "cache", Found: diskReason(err), Do: "check the folder, or choose another with HF_HUB_CACHE", Err: err}
	}
	var all []CachedModel
	for _, e := range entries {
		id, found := strings.CutPrefix(e.Name(), "models--")
		if !found || !isPrintable(id) || len(all) > maxCached {
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		all = append(all, (&store{c.Cache, e.Name()}).models(ctx, strings.ReplaceAll(id, "--", "/"))...)
	}
	slices.SortStableFunc(all, func(a, b CachedModel) int {
		if n := strings.Compare(a.Name, b.Name); n != 0 {
			return n
		}
		return b.Modified.Compare(a.Modified)
	})
	return all, ctx.Err()
}

// models lists the snapshots of a repository.
func (s *store) models(ctx context.Context, id string) []CachedModel {
	refs := s.refs()
	unfinished := s.unfinished()
	var all []CachedModel
	entries, _ := os.ReadDir(filepath.Join(s.dir(), "snapshots")) // none is what the model below says
	for _, e := range entries {
		if !e.IsDir() || ctx.Err() != nil {
			continue
		}
		commit := e.Name()
		m := CachedModel{Name: id, Commit: commit, Revisions: refs[commit], Dir: s.snapshot(commit), Incomplete: unfinished}
		s.measure(&m)
		files, lack := s.inspect(Repo{}, commit)
		if m.Files = files; lack != nil {
			m.Why = lack.String()
			if unfinished > 0 && lack.reason != "" {
				m.Why += "; a download is unfinished"
			}
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		m := CachedModel{Name: id, Dir: s.dir(), Incomplete: unfinished, Why: "there is no snapshot"}
		if unfinished > 0 {
			m.Why = "the download is unfinished"
		}
		if info, err := os.Stat(s.dir()); err == nil {
			m.Modified = info.ModTime()
		}
		all = append(all, m)
	}
	return all
}

// refs returns the revisions of each commit.
func (s *store) refs() map[string][]string {
	root := filepath.Join(s.dir(), "refs")
	found := map[string][]string{}
	n := 0
	_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error { // files that cannot be read are skipped
		if n++; n > maxCached {
			return fs.SkipAll
		}
		if err != nil || e.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		revision := filepath.ToSlash(rel)
		if err != nil || !isRevision(revision) || isCommit(revision) {
			return nil
		}
		if c := s.commitOf(revision); c != "" {
			found[c] = append(found[c], revision)
		}
		return nil
	})
	for _, r := range found {
		slices.Sort(r)
	}
	return found
}

// unfinished returns the size of interrupted downloads.
func (s *store) unfinished() (bytes int64) {
	entries, _ := os.ReadDir(filepath.Join(s.dir(), "blobs"))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".incomplete") {
			bytes += info.Size()
		}
	}
	return bytes
}

// measure finds a snapshot's size, its age and its packs.
func (s *store) measure(m *CachedModel) {
	seen := map[string]bool{}
	n := 0
	_ = filepath.WalkDir(m.Dir, func(path string, e fs.DirEntry, err error) error { // files that cannot be read are not counted
		if n++; n > maxCached {
			return fs.SkipAll
		}
		if err != nil || e.IsDir() {
			return nil
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		if real, err := filepath.EvalSymlinks(path); err == nil && !seen[real] {
			seen[real] = true
			m.Size += info.Size()
		}
		if info.ModTime().After(m.Modified) {
			m.Modified = info.ModTime()
		}
		if isPack(e.Name()) && filepath.Dir(path) == m.Dir {
			m.Packs = append(m.Packs, e.Name())
		}
		return nil
	})
	if info, err := os.Stat(m.Dir); err == nil && m.Modified.IsZero() {
		m.Modified = info.ModTime()
	}
}

// isPack reports whether a file has a name that `cradio pack` gives to packed weights: cradio-PRECISION-LAYOUT.pack.
func isPack(name string) bool {
	return strings.HasPrefix(name, "cradio-") && strings.HasSuffix(name, ".pack")
}
