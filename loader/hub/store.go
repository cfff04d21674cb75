package hub

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// store is the part of the cache for one repository, in the layout of Python's huggingface_hub:
//
//	models--ORG--NAME/blobs/ETAG                  the contents of files, named by their hash
//	                        ETAG.incomplete       an unfinished download, which is resumed
//	                  snapshots/COMMIT/FILE       a relative link to a blob, or a copy where links are impossible
//	                  refs/REVISION               the commit of a branch or a tag
//	                  .no_exist/COMMIT/FILE       an empty file: the commit has no such file
//	.locks/models--ORG--NAME/ETAG.lock            locked while a blob is downloaded
//
// The CACHEDIR.TAG that Python's newest version adds is not written: older versions warn about it when they list the cache.
type store struct{ cache, name string }

func (c *Client) store(repo Repo) *store { return &store{c.Cache, folderName(repo)} }

func folderName(repo Repo) string { return "models--" + repo.Org + "--" + repo.Name }

func (s *store) dir() string              { return filepath.Join(s.cache, s.name) }
func (s *store) snapshot(c string) string { return filepath.Join(s.dir(), "snapshots", c) }
func (s *store) blob(etag string) string  { return filepath.Join(s.dir(), "blobs", etag) }
func (s *store) ref(revision string) string {
	return filepath.Join(s.dir(), "refs", filepath.FromSlash(revision))
}
func (s *store) incomplete(etag string) string { return s.blob(etag) + ".incomplete" }
func (s *store) lock(etag string) string {
	return filepath.Join(s.cache, ".locks", s.name, etag+".lock")
}
func (s *store) pointer(commit, file string) string {
	return filepath.Join(s.snapshot(commit), filepath.FromSlash(file))
}

// exists reports whether path is a regular file, or a link to one.
func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// commitOf returns the commit of a revision in the cache, or "".
func (s *store) commitOf(revision string) string {
	if isCommit(revision) {
		return revision
	}
	data, err := loader.ReadBounded(s.ref(revision), 1<<10)
	if err != nil {
		return ""
	}
	return safeCommit(strings.TrimSpace(string(data)))
}

// setRef stores the commit of a revision.
func (s *store) setRef(revision, commit string) error {
	if revision == commit || s.commitOf(revision) == commit {
		return nil
	}
	path := s.ref(revision)
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = loader.WriteFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, commit) // without a newline: Python compares the whole text
			return err
		})
	}
	if err != nil {
		return notWritten(path, err)
	}
	return nil
}

// setAbsent records that a commit has no such file. Otherwise Python would ask for optional files again.
func (s *store) setAbsent(commit, file string) {
	path := filepath.Join(s.dir(), ".no_exist", commit, filepath.FromSlash(file))
	if _, err := os.Lstat(path); err == nil || os.MkdirAll(filepath.Dir(path), 0o777) != nil {
		return
	}
	if f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666); err == nil {
		f.Close()
	}
}

// isAbsent reports whether a commit is known to have no such file.
func (s *store) isAbsent(commit, file string) bool {
	return exists(filepath.Join(s.dir(), ".no_exist", commit, filepath.FromSlash(file)))
}

// missing is what a folder lacks for a complete model.
type missing struct {
	files  []string // missing files, if they are known
	reason string   // the reason, if no file can be named
	err    error    // the kind, one of Err…
}

func (m *missing) String() string {
	if m.reason != "" {
		return m.reason
	}
	return list(m.files) + " missing: the download is unfinished"
}

// inspect finds the files that repo needs in a snapshot's folder, without a request.
func (s *store) inspect(repo Repo, commit string) ([]string, *missing) {
	present, lost, err := s.listing(repo, commit)
	if err != nil {
		return nil, &missing{reason: "the commit is not in the cache", err: ErrNotCached}
	}
	n, err := choose(repo, slices.Concat(present, lost))
	if err != nil {
		return nil, whyNot(repo, present, err)
	}
	last := n.files[len(n.files)-1]
	var lacks []string
	if !repo.Text && !isTorch(last) && !slices.Contains(n.files, configFile) && !s.isAbsent(commit, configFile) {
		lacks = append(lacks, configFile)
	}
	if n.index && exists(s.pointer(commit, indexFile)) {
		shards, err := readShards(s.pointer(commit, indexFile))
		if err != nil {
			return nil, &missing{reason: err.Error(), err: ErrDamaged}
		}
		n.files = append(n.files, shards...)
	}
	for _, f := range n.files {
		if exists(s.pointer(commit, f)) {
			continue
		}
		lacks = append(lacks, f)
	}
	if optional := func(f string) bool { return f == processorFile && !s.broken(commit, f) }; len(lacks) > 0 {
		n.files = slices.DeleteFunc(n.files, func(f string) bool { return optional(f) && slices.Contains(lacks, f) })
		lacks = slices.DeleteFunc(lacks, optional)
	}
	if len(lacks) > 0 {
		return nil, &missing{files: lacks, err: ErrNotCached}
	}
	return n.files, nil
}

// listing returns the files of a commit: those in its folder, and those that are missing from it. Python stores the list of
// a commit's files in trees/COMMIT.json. Without it, a broken link shows that a file is missing.
func (s *store) listing(repo Repo, commit string) (present, lost []string, err error) {
	dir := s.snapshot(commit)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case exists(filepath.Join(dir, name)):
			present = append(present, name)
		case s.broken(commit, name):
			lost = append(lost, name)
		}
	}
	if repo.File != "" {
		for _, f := range []string{repo.File, dirOf(repo.File) + configFile, dirOf(repo.File) + processorFile} {
			if strings.Contains(f, "/") && exists(s.pointer(commit, f)) {
				present = append(present, f)
			}
		}
	}
	for _, f := range s.tree(commit) {
		if !slices.Contains(present, f) && !slices.Contains(lost, f) {
			lost = append(lost, f)
		}
	}
	return present, lost, nil
}

// broken reports whether a snapshot has a link to a missing blob.
func (s *store) broken(commit, file string) bool {
	info, err := os.Lstat(s.pointer(commit, file))
	return err == nil && info.Mode()&fs.ModeSymlink != 0 && !exists(s.pointer(commit, file))
}

// tree returns the files of a commit from Python's list, if there is one.
func (s *store) tree(commit string) []string {
	text, err := loader.ReadBounded(filepath.Join(s.dir(), "trees", commit+".json"), maxAnswer)
	if err != nil {
		return nil
	}
	return parseTree(text)
}

func parseTree(text []byte) []string {
	var tree struct {
		Version int                        `json:"format_version"`
		Files   map[string]json.RawMessage `json:"files"`
	}
	if strictjson.Unmarshal(text, strictjson.Limits{Bytes: maxAnswer}, &tree) != nil || tree.Version != 1 || len(tree.Files) > maxFiles {
		return nil
	}
	var files []string
	for f := range tree.Files {
		if isFile(f) {
			files = append(files, f)
		}
	}
	slices.Sort(files)
	return files
}

func dirOf(file string) string { return file[:strings.LastIndex(file, "/")+1] }

// whyNot returns what is missing in a folder without a checkpoint.
func whyNot(repo Repo, present []string, err error) *missing {
	var e *loader.Error
	switch {
	case errors.Is(err, ErrSeveral) && errors.As(err, &e):
		return &missing{reason: "several checkpoints, " + e.Found + "; give one of them", err: ErrSeveral}
	case repo.File != "":
		return &missing{files: []string{repo.File}, err: ErrNotCached}
	}
	return &missing{reason: "there is no checkpoint: found " + list(present), err: ErrNotCached}
}
