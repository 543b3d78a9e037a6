package project

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"strings"
)

// maxBase limits the size of one text in a record, in bytes.
const maxBase = 4 << 20

// packer compresses each text to one word. It reuses its compressor, which needs far more memory than a text.
type packer struct{ w *flate.Writer }

func (p *packer) pack(data []byte) string {
	var b bytes.Buffer
	if p.w == nil {
		p.w, _ = flate.NewWriter(&b, flate.BestCompression) // fails only for invalid levels
	} else {
		p.w.Reset(&b)
	}
	_, err := p.w.Write(data)
	if err := errors.Join(err, p.w.Close()); err != nil {
		return "" // a buffer returns no errors
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// unpack decompresses a word. The word is untrusted, so its decompressed size is limited.
func unpack(word string) ([]byte, error) {
	r := flate.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(word)))
	data, err := io.ReadAll(io.LimitReader(r, maxBase+1))
	if err == nil && len(data) > maxBase {
		err = errors.New("too long")
	}
	return data, err
}
