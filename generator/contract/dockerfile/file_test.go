package dockerfile

import (
	"testing"
)

// BuildKit's lexer would write to standard error, past every caller.
func TestLexerSeesTextOnly(t *testing.T) {
	t.Parallel()
	if got := string(readable([]byte("A=\xff\xfe b\ufeff\nüb\n"))); got != "A=? b\nüb\n" {
		t.Errorf("%q", got)
	}
}
