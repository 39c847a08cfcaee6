package mathml

import (
	"html"
	"regexp"
	"strings"
)

// Plain converts a formula in plain text, as in comments and terminals: "E f(x̄_k) − f* ≤ R²/(2αk) + ασ²/2 for α ≤ 1/L". It returns
// HTML with words between formulas, in which a line may break before the first relation. E before a space or a norm is the
// expectation; a star after a letter marks a solution.
func Plain(text string) (string, error) {
	var b strings.Builder
	for i, part := range pieces(text) {
		switch {
		case i > 0 && isRelation(part):
			b.WriteString("<wbr>") // the relation has a space of its own
		case i > 0:
			b.WriteString(" ")
		}
		if isWord(part) {
			b.WriteString(html.EscapeString(part))
			continue
		}
		formula, err := Inline(translate([]rune(part)))
		if err != nil {
			return "", err
		}
		b.WriteString(strings.ReplaceAll(formula, "<mo>/</mo>", `<mo lspace="0" rspace="0">/</mo>`))
	}
	return b.String(), nil
}

// pieces cuts a text outside of brackets: around words, after commas and before the first relation.
func pieces(text string) (parts []string) {
	depth, last, related := 0, "", false
	for i, word := range strings.Split(text, " ") {
		first := depth == 0 && isRelation(word) && !related
		if i == 0 || depth == 0 && (first || strings.HasSuffix(last, ",") || isWord(word) != isWord(last)) {
			parts = append(parts, word)
		} else {
			parts[len(parts)-1] += " " + word
		}
		related = related || first
		for _, r := range word {
			switch r {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
		}
		last = word
	}
	return parts
}

func isRelation(text string) bool {
	return strings.HasPrefix(text, "≤") || strings.HasPrefix(text, "=")
}

// prose is a run of words.
var prose = regexp.MustCompile(`^[a-z]{2,}( [a-z]{2,})*$`)

// isWord reports whether text is a word, not a function or a product of letters.
func isWord(text string) bool { return prose.MatchString(text) && functions[text] == "" }

// marks maps characters of plain text to commands or scripts of TeX.
var marks = map[rune]string{
	'²': "^{2}", '₀': "_{0}", 'ᵢ': "_{i}", 'ⱼ': "_{j}", 'ₜ': "_{t}", 'Σ': `\sum `, '½': `\frac12 `,
}

// translate writes a formula in plain text as TeX.
func translate(in []rune) string {
	var b strings.Builder
	at := func(i int) rune {
		if i < len(in) {
			return in[i]
		}
		return 0
	}
	for i := 0; i < len(in); i++ {
		r := in[i]
		switch {
		case at(i+1) == '\u0304':
			b.WriteString(`\bar{` + string(r) + "}")
			i++
		case r == 'E' && (at(i+1) == ' ' || at(i+1) == '‖'):
			b.WriteString(`\mathbb{E}`)
			if at(i+1) == ' ' {
				b.WriteString(`\,`)
			}
		case r == '*' && at(i+1) == '²':
			b.WriteString("_{*}")
		case r == '*':
			b.WriteString("^{*}")
		case r == '√' && at(i+1) == '(':
			end := closing(in, i+1)
			b.WriteString(`\sqrt{` + translate(in[i+2:end]) + "}")
			i = end
		case r == '√':
			b.WriteString(`\sqrt{` + string(at(i+1)) + "}")
			i++
		case isLower(r) && isLower(at(i+1)):
			from := i
			for isLower(at(i + 1)) {
				i++
			}
			b.WriteString(`\operatorname{` + string(in[from:i+1]) + "}")
			if at(i+1) == '{' {
				end := closing(in, i+1)
				b.WriteString(`\{` + translate(in[i+2:end]) + `\}`)
				i = end
			}
		case marks[r] != "":
			b.WriteString(marks[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isLower(r rune) bool { return r >= 'a' && r <= 'z' }

// closing returns the index of the bracket that closes the bracket at i, or the end if there is none.
func closing(in []rune, i int) int {
	depth := 0
	for ; i < len(in)-1; i++ {
		switch in[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return len(in) - 1
}
