package hub

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"cradio/loader"
)

// Snapshot is a model in the cache.
type Snapshot struct {
	Dir      string // folder that holds Files, below Client.Cache
	Revision string // the commit
	Files    []File // the files that the model needs; Dir may contain others
}

// File is a file of a snapshot.
type File struct {
	Name       string // path in the repository, with slashes
	Size       int64  // bytes
	Downloaded bool   // by this call
}

// Snapshot returns the folder of a model with all the files that it needs, and downloads those that are missing. They are
// config.json, preprocessor_config.json if there is one, and the checkpoint. The checkpoint is model.safetensors; or
// model.safetensors.index.json and the shards it lists; or the only file in PyTorch's format; or repo.File. Nothing else is
// downloaded.
//
// Offline, or for a full commit hash, the files in the cache are used without a request. Otherwise the hub is asked for the
// commit of the revision. If it cannot be reached or denies access, the cached commit is used, with a warning.
//
// An error is a *loader.Error that wraps one of the kinds Err…, or the error of the context. After an error or an
// interruption, the same call resumes the download.
func (c *Client) Snapshot(ctx context.Context, repo Repo) (Snapshot, error) {
	if err := repo.check(); err != nil {
		err.(*loader.Error).Err = ErrName
		return Snapshot{}, err
	}
	if c.Cache == "" {
		return Snapshot{}, &loader.Error{File: repo.String(), Item: "cache", Found: "no folder is set", Do: "set HF_HUB_CACHE", Err: ErrCache}
	}
	s := c.store(repo)
	cached, lack := s.cached(repo)
	if c.Offline || isCommit(repo.Revision) && !c.Force {
		if lack == nil {
			return cached, nil
		}
		if c.Offline {
			return Snapshot{}, s.notCached(repo, lack)
		}
	}
	if c.tokenFailure != nil {
		return Snapshot{}, &loader.Error{File: repo.String(), Item: "token", Found: c.tokenFailure.Error(), Do: "or send no token: set HF_HUB_DISABLE_IMPLICIT_TOKEN=1", Err: both(ErrToken, c.tokenFailure)}
	}
	most := inARow
	if lack == nil && !c.Force {
		most = 1 // the cache can be used instead
	}
	l, err := c.list(ctx, repo, most)
	if err != nil {
		if lack != nil || c.Force || ctx.Err() != nil || errors.Is(err, ErrRevision) || errors.Is(err, ErrFile) {
			return Snapshot{}, err
		}
		c.log().Warn("using the model in the cache, which may not be the latest", "model", repo.ID(), "commit", cached.Revision, "because", err)
		return cached, nil
	}
	return c.complete(ctx, s, repo, l)
}

// cached returns the snapshot of a revision in the cache, or what it lacks.
func (s *store) cached(repo Repo) (Snapshot, *missing) {
	commit := s.commitOf(repo.revision())
	if commit == "" {
		return Snapshot{}, &missing{reason: "the revision " + quote(repo.revision()) + " is not in the cache", err: ErrNotCached}
	}
	files, lack := s.inspect(repo, commit)
	if lack != nil {
		return Snapshot{}, lack
	}
	return s.result(commit, files, nil), nil
}

// result describes a snapshot.
func (s *store) result(commit string, names []string, downloaded map[string]bool) Snapshot {
	r := Snapshot{Dir: s.snapshot(commit), Revision: commit}
	for _, name := range names {
		f := File{Name: name, Downloaded: downloaded[name]}
		if info, err := os.Stat(s.pointer(commit, name)); err == nil {
			f.Size = info.Size()
		}
		r.Files = append(r.Files, f)
	}
	return r
}

// notCached returns the error for a model that is not in the cache, offline.
func (s *store) notCached(repo Repo, lack *missing) error {
	e := &loader.Error{File: repo.String(), Want: "the model in the cache " + s.cache, Found: lack.String(),
		Do:  fmt.Sprintf("this run is offline (--offline, HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE): run `cradio pull %s` once online, or copy the cache from another machine", repo.asked()),
		Err: both(ErrNotCached, lack.err)}
	if errors.Is(lack.err, ErrSeveral) {
		e.Do, e.Err = fmt.Sprintf("give one of them, as %s/FILE", repo.ID()), ErrSeveral
		return e
	}
	if commits := s.commits(); len(commits) > 0 && s.commitOf(repo.revision()) == "" {
		e.Do += "; the cache has other commits of this model; choose one with --revision: " + list(commits)
	}
	return e
}

// commits returns the commits with files in the cache.
func (s *store) commits() []string {
	entries, err := os.ReadDir(filepath.Join(s.dir(), "snapshots"))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() && isCommit(e.Name()) {
			found = append(found, e.Name())
		}
	}
	return found
}

// complete downloads the files of the hub's listing that a snapshot lacks.
func (c *Client) complete(ctx context.Context, s *store, repo Repo, l listing) (Snapshot, error) {
	n, err := choose(repo, l.files)
	if l.guessed && errors.Is(err, ErrFile) {
		err = &loader.Error{File: repo.String(), Want: "a checkpoint", Found: "a server that does not list files, and has none with the usual names",
			Do: fmt.Sprintf("give the checkpoint, as %s/FILE", repo.ID()), Err: ErrFile}
	}
	if err != nil {
		return Snapshot{}, err
	}
	downloaded, err := c.fetchAll(ctx, s, repo, l.commit, n.files)
	if err != nil {
		return Snapshot{}, err
	}
	if n.index {
		shards, err := readShards(s.pointer(l.commit, indexFile))
		if err != nil {
			return Snapshot{}, err
		}
		more, err := c.fetchAll(ctx, s, repo, l.commit, shards)
		if err != nil {
			return Snapshot{}, err
		}
		n.files = append(n.files, shards...)
		maps.Copy(downloaded, more)
	}
	for _, f := range n.absent {
		s.setAbsent(l.commit, f)
	}
	// The revision is stored last, so that it always names a complete snapshot. If it is unchanged nothing is written: the
	// cache may be read-only.
	if err := s.setRef(repo.revision(), l.commit); err != nil && len(downloaded) > 0 {
		return Snapshot{}, err
	}
	return s.result(l.commit, n.files, downloaded), nil
}
