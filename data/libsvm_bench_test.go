package data

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// sparseText is LIBSVM text of the given number of rows with 75 features each of 50,000, and values of five digits.
func sparseText(tb testing.TB, rows int) []byte {
	rng := rand.New(rand.NewPCG(1, 1))
	m := &CSR{Rows: rows, Cols: 50000, Indptr: []int{0}}
	s := &Set{X: m, Y: make([]float64, rows)}
	for i := range rows {
		s.Y[i] = float64(2*rng.IntN(2) - 1)
		for j := rng.IntN(600); j < m.Cols; j += 1 + rng.IntN(1300) {
			m.Indices = append(m.Indices, uint32(j))
			m.Values = append(m.Values, float64(1+rng.IntN(99999))/100000)
		}
		m.Indptr = append(m.Indptr, len(m.Values))
	}
	var b bytes.Buffer
	if err := WriteLIBSVM(&b, s); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkReadLIBSVM(b *testing.B) {
	text := sparseText(b, 20000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadLIBSVM("bench", bytes.NewReader(text), LIBSVMOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseLIBSVM measures only the parser, on one core.
func BenchmarkParseLIBSVM(b *testing.B) {
	piece := &block{text: sparseText(b, 300)}
	b.SetBytes(int64(len(piece.text)))
	b.ReportAllocs()
	for b.Loop() {
		if piece.parse(func(b *block, s []byte) int { return b.parseLine(s, LIBSVMOptions{}) }); piece.err != nil {
			b.Fatal(piece.err)
		}
	}
}
