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

// The files of a state folder. The lock is made first and stays as it is: the journal begins with the lock's identity, so
// that nothing but a folder which this program made here is ever acted on. The journal is written before the first change, when the originals are complete; with
// the last change it becomes the record of what was applied.
const (
	journalFile   = "journal"
	appliedFile   = "applied"
	originalsFile = "originals"
	unfinished    = "journal.new"
	lockFile      = "lock"
)

// journal says what an update is about to do, and how to take it back.
type journal struct {
	Token   string            `json:"token"` // is in the name of each file that is not yet in its place
	Keep    bool              `json:"keep"`
	Made    []string          `json:"made,omitempty"`    // folders that did not exist
	Emptied []emptied         `json:"emptied,omitempty"` // folders that a removal may leave empty
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

// journalBlob is a file without its content. That of an old one stands in the originals, one after the other.
type journalBlob struct {
	Mode fs.FileMode `json:"mode"`
	Size int         `json:"size"`
	Sum  string      `json:"sha256"`
}

const journalFormat = 2

// What a state may take, in bytes. An update that needs more is refused before it changes anything.
const (
	maxJournal   = 32 << 20 // some 500 for each file
	maxOriginals = 2 * tree.MaxTree
)

func newBlob(f *tree.File) *journalBlob {
	if f == nil {
		return nil
	}
	sum := sha256.Sum256(f.Data)
	return &journalBlob{f.Mode.Perm(), len(f.Data), hex.EncodeToString(sum[:])}
}

// is tells whether f has the content.
func (b *journalBlob) is(f tree.File) bool {
	return b != nil && len(f.Data) == b.Size && newBlob(&f).Sum == b.Sum
}

// temp is where the new content of an edit is written before it gets its place, and back where the old one is.
func (j *journal) temp(i int) string {
	return path.Join(path.Dir(j.Edits[i].Path), ".dockerflow-"+j.Token+"-"+strconv.Itoa(i))
}

func (j *journal) back(i int) string { return j.temp(i) + "-back" }

// ErrDamaged is returned for a state folder that nothing can be taken back from.
var ErrDamaged = errors.New("is damaged")

// ErrForeign is returned for a state folder that this program has not made in this place. Nothing in it is acted on.
var ErrForeign = errors.New("was not written here by dockerflow")

// header is the first line of a journal.
func header(lock fs.FileInfo) string {
	return fmt.Sprintf("dockerflow journal %d %s\n", journalFormat, tree.Identity(lock))
}

// format writes down a journal, for the state folder that has the lock.
func (j *journal) format(lock fs.FileInfo) ([]byte, error) {
	data, err := json.MarshalIndent(j, "", "\t")
	if err == nil && len(data) > maxJournal-len(header(lock)) {
		err = &tree.LimitError{What: "of what is to be changed", Limit: maxJournal}
	}
	return append([]byte(header(lock)), data...), err
}

// readJournal reads a journal that may have been written by anybody, and the originals.
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

// trusted wants a journal to be of the folder that it is in, and all of it to be the user's own.
func trusted(state tree.Dir, name string, data []byte) error {
	for _, p := range []string{".", lockFile, name, originalsFile} {
		info, err := state.Lstat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s %w: there is no %s", name, ErrForeign, p)
		case err != nil:
			return err
		case p == "." && !info.IsDir() || p != "." && !info.Mode().IsRegular():
			return fmt.Errorf("%s %w: %s is not a regular file", name, ErrForeign, p)
		case !tree.IsOwn(info):
			return fmt.Errorf("%s %w: others own %s or may change it", name, ErrForeign, p)
		case p == lockFile && !bytes.HasPrefix(data, []byte(header(info))):
			if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
				return fmt.Errorf("%s %w: or by an older version, which can still take back what it did", name, ErrForeign)
			}
			return fmt.Errorf("%s %w: it is of another folder", name, ErrForeign)
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
			return fmt.Errorf("the original of %q is not what it was", e.Path)
		}
		at += e.Old.Size
	}
	return nil
}

// checkEditPath is checkPath for what an update may change: the generator's own file, too.
func checkEditPath(p string) error {
	if p == tree.RecordFile {
		return nil
	}
	return tree.CheckPath(p)
}

// writeDurable writes a file so that it outlasts a loss of power.
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

// syncDir makes the names in a folder outlast a loss of power. Windows does that by itself.
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
