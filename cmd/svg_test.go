//go:build pictures && unix

package cmd

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/hinshun/vt10x"
)

// A cell's size, the frame's margin and the height of its title bar, in pixels.
const cellWidth, cellHeight, margin, titleBar = 9, 20, 16, 32

const foreground, background = "#d8dee9", "#1f2430"

// palette has the sixteen colours that users configure in a terminal.
var palette = [16]string{
	"#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
	"#8892a6", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff",
}

// draw returns the screen as SVG in a window frame, without trailing empty rows. The window has its own background, so
// that it is readable on a page of any colour.
func draw(screen vt10x.Terminal, title string) string {
	columns, _ := screen.Size()
	used := strings.Count(strings.TrimRight(screen.String(), " \n"), "\n") + 1
	width, height := columns*cellWidth+2*margin, titleBar+used*cellHeight+margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" `+
		`font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="15">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", title)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, background)
	for i, button := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%d" r="6" fill="%s"/>`+"\n", margin+6+20*i, titleBar/2, button)
	}
	for y := range used {
		drawRow(&b, screen, columns, y)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// drawRow draws the cells of a row in runs of equal colours. Each run has a textLength, so that it fits the grid in every
// font.
func drawRow(b *bytes.Buffer, screen vt10x.Terminal, columns, y int) {
	for x := 0; x < columns; {
		first := screen.Cell(x, y)
		var run strings.Builder
		start := x
		for ; x < columns; x++ {
			c := screen.Cell(x, y)
			if c.FG != first.FG || c.BG != first.BG {
				break
			}
			run.WriteRune(c.Char)
		}
		left, top := margin+start*cellWidth, titleBar+y*cellHeight
		if first.BG != vt10x.DefaultBG {
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", left, top, (x-start)*cellWidth, cellHeight, colour(first.BG))
		}
		text := run.String()
		shown := strings.TrimLeft(text, " ")
		left += (len(text) - len(shown)) * cellWidth
		shown = strings.TrimRight(shown, " ")
		if shown == "" {
			continue
		}
		fmt.Fprintf(b, `<text x="%d" y="%d" textLength="%d" fill="%s" xml:space="preserve">`, left, top+15, len([]rune(shown))*cellWidth, colour(first.FG))
		_ = xml.EscapeText(b, []byte(shown)) // a buffer never fails
		b.WriteString("</text>\n")
	}
}

// colour converts a colour of the emulator: one of the user's sixteen, the cube of 216, the greys, or 24 bits.
func colour(c vt10x.Color) string {
	switch {
	case c == vt10x.DefaultFG:
		return foreground
	case c == vt10x.DefaultBG:
		return background
	case c < 16:
		return palette[c]
	case c < 232:
		level := func(n vt10x.Color) vt10x.Color {
			if n == 0 {
				return 0
			}
			return 55 + 40*n
		}
		c -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(c/36), level(c/6%6), level(c%6))
	case c < 256:
		grey := 8 + 10*(c-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	return fmt.Sprintf("#%06x", uint32(c))
}
