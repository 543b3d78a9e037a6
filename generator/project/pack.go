package project

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"strings"
)

// maxBase bounds one text that a record holds, in bytes.
const maxBase = 4 << 20

// packer makes one word of each text. Its compressor is worth keeping: it is many times the size of a text.
type packer struct{ w *flate.Writer }

func (p *packer) pack(data []byte) string {
	var b bytes.Buffer
	if p.w == nil {
		p.w, _ = flate.NewWriter(&b, flate.BestCompression) // fails for no such level
	} else {
		p.w.Reset(&b)
	}
	_, err := p.w.Write(data)
	if err := errors.Join(err, p.w.Close()); err != nil {
		return "" // a buffer refuses nothing
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// unpack is the text of a word. It comes from outside: what it swells to is bounded.
func unpack(word string) ([]byte, error) {
	r := flate.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(word)))
	data, err := io.ReadAll(io.LimitReader(r, maxBase+1))
	if err == nil && len(data) > maxBase {
		err = errors.New("too long")
	}
	return data, err
}
