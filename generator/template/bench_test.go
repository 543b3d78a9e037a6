package template

import (
	"os"
	"testing"
)

// BenchmarkRender measures rendering the program's own templates, as new does.
func BenchmarkRender(b *testing.B) {
	all, err := Load(os.DirFS("../../templates"), nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range all {
		answers, err := t.Resolve(map[string]string{"name": "hello"})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(t.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := t.Render(answers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
