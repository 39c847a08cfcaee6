package mathml

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"steepest/internal/mutate"
)

func TestInline(t *testing.T) {
	for tex, want := range map[string]string{
		`x_{k+1}`:          `<msub><mi>x</mi><mrow><mi>k</mi><mo>+</mo><mn>1</mn></mrow></msub>`,
		`x_k^2`:            `<msubsup><mi>x</mi><mi>k</mi><mn>2</mn></msubsup>`,
		`\frac1n`:          `<mfrac><mn>1</mn><mi>n</mi></mfrac>`,
		`\frac12`:          `<mfrac><mn>1</mn><mn>2</mn></mfrac>`,
		`\frac{\alpha}{2}`: `<mfrac><mrow><mi>α</mi></mrow><mrow><mn>2</mn></mrow></mfrac>`,
		`\sum_i a_i`:       `<munder><mo>∑</mo><mi>i</mi></munder><msub><mi>a</mi><mi>i</mi></msub>`,
		`-0.25`:            `<mo>−</mo><mn>0.25</mn>`,
		`\sqrt{v}`:         `<msqrt><mrow><mi>v</mi></mrow></msqrt>`,
		`\hat m`:           `<mover accent="true"><mi>m</mi><mo>^</mo></mover>`,
		`\|x\|`:            `<mo stretchy="false">‖</mo><mi>x</mi><mo stretchy="false">‖</mo>`,
		`a<b`:              `<mi>a</mi><mo>&lt;</mo><mi>b</mi>`,
		`\text{если } x`:   `<mtext>если </mtext><mi>x</mi>`,
		`\left(x\right)`: `<mrow><mo fence="true" stretchy="true">(</mo><mrow><mi>x</mi></mrow>` +
			`<mo fence="true" stretchy="true">)</mo></mrow>`,
		`\begin{aligned}a&=b\\&=c\end{aligned}`: `<mtable displaystyle="true" rowspacing="0.5em"><mtr>` +
			`<mtd class="right"><mrow><mi>a</mi></mrow></mtd>` +
			`<mtd class="left"><mrow><mo>=</mo><mi>b</mi></mrow></mtd></mtr><mtr>` +
			`<mtd class="right"><mrow></mrow></mtd>` +
			`<mtd class="left"><mrow><mo>=</mo><mi>c</mi></mrow></mtd></mtr></mtable>`,
	} {
		got, err := Inline(tex)
		if want = "<math><mrow>" + want + "</mrow></math>"; err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", tex, err, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tex := range []string{`{x`, `x}`, `\nosuch`, `x_`, `\frac1`, `\left(x`, `\begin{aligned}x`, `\begin{matrix}x\end{matrix}`,
		`\text`, `\text{x`, `\mathbb{Q}`, `a&b`, "a\x01", "\xff", `\begin{aligned}{x\end{aligned}`,
		"\uffff", `\left\é(x\right.`, `\left(x\right\nosuch`, `\é`} {
		if got, err := Block(tex); err == nil {
			t.Errorf("%s: no error but %s", tex, got)
		}
	}
}

// FuzzBlock looks for formulas that give neither an error nor well-formed XML.
func FuzzBlock(f *testing.F) {
	for _, tex := range tricky {
		f.Add(tex)
	}
	f.Fuzz(check)
}

var tricky = []string{`x_{k+1} = x_k - \alpha_k \nabla f_{i_k}(x_k)`, `\begin{cases}a & b\\c\end{cases}`, `\left\|x\right.`, `a'<&"`}

func TestBlockMutations(t *testing.T) {
	mutate.Try(t, "internal/mathml/FuzzBlock", tricky, func(t *testing.T, tex string, _ *rand.Rand) { check(t, tex) })
}

func check(t *testing.T, tex string) {
	out, err := Block(tex)
	if err != nil {
		return
	}
	for d := xml.NewDecoder(strings.NewReader(out)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%q makes %s: %v", tex, out, err)
		}
	}
}
