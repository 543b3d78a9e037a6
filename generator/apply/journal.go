package apply

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"dockerflow/generator/regular"
	"dockerflow/generator/tree"
)

// The files of a state folder. The lock is created first and never changes. The journal begins with the identity of
// the lock: this proves that this program created the folder here, and only then is the journal acted on. The journal
// is written before the first change, when the originals are complete. After the last change it becomes the record of
// what was applied.
const (
	journalFile   = "journal"
	appliedFile   = "applied"
	originalsFile = "originals"
	unfinished    = "journal.new"
	lockFile      = "lock"
)

// journal records what an update will do, and how to roll it back.
type journal struct {
	Token   string            `json:"token"` // part of the name of each file that is not yet in place
	Keep    bool              `json:"keep"`
	Made    []string          `json:"made,omitempty"`    // folders that did not exist before
	Emptied []emptied         `json:"emptied,omitempty"` // folders that removals may leave empty
	Edits   []journalEdit     `json:"edits"`
	Notes   map[string][]byte `json:"notes,omitempty"`
}

type emptied struct {
	Path string      `json:"path"`
	Mode fs.FileMode `json:"mode"`
}

type journalEdit struct {
	Path string       `json:"path"`
	Old  *journalBlob `json:"old,omitempty"`
	New  *journalBlob `json:"new,omitempty"`
}

// journalBlob describes a file without its content. The contents of the old files are in the originals, one after the
// other.
type journalBlob struct {
	Mode fs.FileMode `json:"mode"`
	Size int         `json:"size"`
	Sum  string      `json:"sha256"`
}

const journalFormat = 2

// The limits of a state folder, in bytes. An update that would exceed them is refused before it changes anything.
const (
	maxJournal   = 32 << 20 // about 500 for each file
	maxOriginals = 2 * tree.MaxTree
)

func newBlob(f *tree.File) *journalBlob {
	if f == nil {
		return nil
	}
	sum := sha256.Sum256(f.Data)
	return &journalBlob{f.Mode.Perm(), len(f.Data), hex.EncodeToString(sum[:])}
}

// is reports whether f has this content.
func (b *journalBlob) is(f tree.File) bool {
	return b != nil && len(f.Data) == b.Size && newBlob(&f).Sum == b.Sum
}

// temp returns the path where the new content of an edit is written before it is put in place; back is for the old
// content.
func (j *journal) temp(i int) string {
	return path.Join(path.Dir(j.Edits[i].Path), ".dockerflow-"+j.Token+"-"+strconv.Itoa(i))
}

func (j *journal) back(i int) string { return j.temp(i) + "-back" }

// ErrDamaged is returned for a state folder from which nothing can be rolled back.
var ErrDamaged = errors.New("is damaged")

// ErrForeign is returned for a state folder that this program did not create in this place. Nothing in it is acted on.
var ErrForeign = errors.New("was not created here by dockerflow")

// header returns the first line of a journal.
func header(lock fs.FileInfo) string {
	return fmt.Sprintf("dockerflow journal %d %s\n", journalFormat, tree.Identity(lock))
}

// format encodes a journal for the state folder that has the lock.
func (j *journal) format(lock fs.FileInfo) ([]byte, error) {
	data, err := json.MarshalIndent(j, "", "\t")
	if err == nil && len(data) > maxJournal-len(header(lock)) {
		err = &tree.LimitError{What: "in all files that would change", Limit: maxJournal}
	}
	return append([]byte(header(lock)), data...), err
}

// readJournal reads a journal, which is untrusted, and the originals.
func readJournal(state tree.Dir, name string) (*journal, []byte, error) {
	data, err := readState(state, name, maxJournal)
	if err != nil {
		return nil, nil, err
	}
	if err := trusted(state, name, data); err != nil {
		return nil, nil, err
	}
	_, text, _ := bytes.Cut(data, []byte("\n"))
	j := &journal{}
	if err := json.Unmarshal(text, j); err != nil {
		return nil, nil, fmt.Errorf("%s %w: %w", name, ErrDamaged, err)
	}
	originals, err := readState(state, originalsFile, maxOriginals)
	if err != nil {
		return nil, nil, err
	}
	if err := j.check(originals); err != nil {
		return nil, nil, fmt.Errorf("%s %w: %w", name, ErrDamaged, err)
	}
	return j, originals, nil
}

// trusted checks that a journal belongs to the folder that it is in, and that the user owns all of it.
func trusted(state tree.Dir, name string, data []byte) error {
	for _, p := range []string{".", lockFile, name, originalsFile} {
		info, err := state.Lstat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s %w: %s is missing", name, ErrForeign, p)
		case err != nil:
			return err
		case p == "." && !info.IsDir() || p != "." && !info.Mode().IsRegular():
			return fmt.Errorf("%s %w: %s is not a regular file", name, ErrForeign, p)
		case !tree.IsOwn(info):
			return fmt.Errorf("%s %w: %s belongs to another user, or others may write to it", name, ErrForeign, p)
		case p == lockFile && !bytes.HasPrefix(data, []byte(header(info))):
			if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
				return fmt.Errorf("%s %w: or an older version created it, which can still roll it back", name, ErrForeign)
			}
			return fmt.Errorf("%s %w: it belongs to another folder", name, ErrForeign)
		}
	}
	return nil
}

// readState reads a file of a state folder.
func readState(state tree.Dir, name string, limit int64) ([]byte, error) {
	f, err := state.Open(name)
	if errors.Is(err, regular.Err) {
		err = fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := regular.Read(f, limit)
	if err != nil {
		err = fmt.Errorf("%s %w: %w", name, ErrDamaged, err)
	}
	return data, err
}

func (j *journal) check(originals []byte) error {
	if j.Token == "" || len(j.Token) > 40 || filepath.Base(j.Token) != j.Token || !fs.ValidPath(j.Token) {
		return fmt.Errorf("token %q", j.Token)
	}
	folders := slices.Clone(j.Made)
	for _, e := range j.Emptied {
		if e.Mode&^fs.ModePerm != 0 {
			return fmt.Errorf("mode %v of %q", e.Mode, e.Path)
		}
		folders = append(folders, e.Path)
	}
	for _, p := range folders {
		if err := tree.CheckFolder(p); err != nil {
			return fmt.Errorf("path %q: %w", p, err)
		}
	}
	at := 0
	for _, e := range j.Edits {
		if err := checkEditPath(e.Path); err != nil {
			return fmt.Errorf("path %q: %w", e.Path, err)
		}
		for _, b := range []*journalBlob{e.Old, e.New} {
			if b != nil && b.Mode&^fs.ModePerm != 0 {
				return fmt.Errorf("mode %v of %q", b.Mode, e.Path)
			}
		}
		if e.Old == nil {
			continue
		}
		if e.Old.Size < 0 || e.Old.Size > len(originals)-at || !e.Old.is(tree.File{Data: originals[at : at+e.Old.Size]}) {
			return fmt.Errorf("the saved original of %q has the wrong content", e.Path)
		}
		at += e.Old.Size
	}
	return nil
}

// checkEditPath is like CheckPath, but also allows the file that dockerflow itself writes.
func checkEditPath(p string) error {
	if p == tree.RecordFile {
		return nil
	}
	return tree.CheckPath(p)
}

// writeDurable writes a file so that it survives a power loss.
func writeDurable(dir tree.Dir, name string, data []byte) error {
	f, err := dir.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir makes the names in a folder survive a power loss. Windows does this without help.
func syncDir(dir tree.Dir, name string) error {
	if filepath.Separator != '/' {
		return nil
	}
	f, err := dir.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
