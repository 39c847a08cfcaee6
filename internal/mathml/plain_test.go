package mathml

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"R²/(2αk)":    `<mrow><msup><mi>R</mi><mrow><mn>2</mn></mrow></msup><mo lspace="0" rspace="0">/</mo>(<mn>2</mn><mi>α</mi><mi>k</mi>)</mrow>`,
		"a ≤ b":       `<mrow><mi>a</mi></mrow></math><wbr><math><mrow><mo>≤</mo><mi>b</mi></mrow>`,
		"(a ≤ b)":     `<mrow>(<mi>a</mi><mo>≤</mo><mi>b</mi>)</mrow>`,
		"a for k = n": `<mrow><mi>a</mi></mrow></math> for <math><mrow><mi>k</mi></mrow></math><wbr><math><mrow><mo>=</mo><mi>n</mi></mrow>`,
		"a = b, c = d": `<mrow><mi>a</mi></mrow></math><wbr><math><mrow><mo>=</mo><mi>b</mi><mo>,</mo></mrow></math> ` +
			`<math><mrow><mi>c</mi><mo>=</mo><mi>d</mi></mrow>`,
		"log k":   `<mrow><mi mathvariant="normal">log</mi><mi>k</mi></mrow>`,
		"x*":      `<mrow><msup><mi>x</mi><mrow><mo>*</mo></mrow></msup></mrow>`,
		"σ*²":     `<mrow><msubsup><mi>σ</mi><mrow><mo>*</mo></mrow><mrow><mn>2</mn></mrow></msubsup></mrow>`,
		"E‖g_k‖²": `<mrow><mi>𝔼</mi>‖<msub><mi>g</mi><mi>k</mi></msub><msup>‖<mrow><mn>2</mn></mrow></msup></mrow>`,
		"x̄":      `<mrow><mover accent="true"><mrow><mi>x</mi></mrow><mo>¯</mo></mover></mrow>`,
		"√(γ√d)":  `<mrow><msqrt><mrow><mi>γ</mi><msqrt><mrow><mi>d</mi></mrow></msqrt></mrow></msqrt></mrow>`,
		"max{a}":  `<mrow><mi mathvariant="normal">max</mi><mo stretchy="false">{</mo><mi>a</mi><mo stretchy="false">}</mo></mrow>`,
		"a<b":     `<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>`,
	} {
		got, err := Plain(text)
		for _, fence := range []string{"(", ")", "‖"} {
			got = strings.ReplaceAll(got, `<mo stretchy="false">`+fence+"</mo>", fence)
		}
		if want = "<math>" + want + "</math>"; err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", text, err, got, want)
		}
	}
	for _, text := range []string{"x_", "{a", `a\b`} {
		if got, err := Plain(text); err == nil {
			t.Errorf("%s: no error, %s", text, got)
		}
	}
}
