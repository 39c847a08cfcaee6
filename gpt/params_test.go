package gpt

import (
	"strings"
	"testing"

	"steepest/param"
)

// TestParams: names, roles and shapes, by which routes choose what they update.
func TestParams(t *testing.T) {
	for _, untied := range []bool{false, true} {
		c := tiny
		c.Untied = untied
		params := c.Params()
		if got, want := len(params), 2+12*c.Layers+2; got != want && !(untied && got == want+1) {
			t.Fatalf("%d tensors, want %d", got, want)
		}
		seen, size := make(map[string]bool), 0
		for _, p := range params {
			if seen[p.Name] {
				t.Errorf("%s is there twice", p.Name)
			}
			seen[p.Name] = true
			size += p.Size()
			count, rows, cols := p.Matrices()
			name := p.Name[strings.LastIndex(p.Name, ".")+1:]
			switch {
			case p.Name == "lm_head.weight":
				if p.Role != param.Head || !untied {
					t.Errorf("%s: role %v", p.Name, p.Role)
				}
			case p.Name == "wte.weight" || p.Name == "wpe.weight":
				if p.Role != param.Embedding || cols != c.Width {
					t.Errorf("%s: role %v, %d columns", p.Name, p.Role, cols)
				}
			case strings.Contains(p.Name, "c_attn.weight"):
				if p.Role != param.Hidden || count != 3 || rows != c.Width || cols != c.Width {
					t.Errorf("%s: role %v, %d matrices %d×%d", p.Name, p.Role, count, rows, cols)
				}
			case len(p.Shape) == 2:
				if p.Role != param.Hidden || count != 1 || rows != p.Shape[0] || cols != p.Shape[1] {
					t.Errorf("%s: role %v, %d matrices %d×%d", p.Name, p.Role, count, rows, cols)
				}
			case name == "bias":
				if p.Role != param.Bias {
					t.Errorf("%s: role %v", p.Name, p.Role)
				}
			default:
				if p.Role != param.Gain || !strings.Contains(p.Name, "ln_") {
					t.Errorf("%s: role %v", p.Name, p.Role)
				}
			}
		}
		if size != c.size() {
			t.Errorf("the tensors have %d elements, and the model has %d", size, c.size())
		}
		if untied != seen["lm_head.weight"] {
			t.Errorf("untied %v: %v", untied, seen)
		}
	}
}
