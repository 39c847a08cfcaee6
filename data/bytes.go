package data

// Bytes is a dense matrix of bytes, for example of images: the element of row i and column j is Data[i*Cols+j], divided by Divisors[j] if
// Divisors is not nil. It takes an eighth of the memory of a Dense.
type Bytes struct {
	Rows, Cols int
	Data       []uint8   // length Rows·Cols
	Divisors   []float64 // length Cols, none 0; nil for ones
}

// Dims returns the number of rows and columns.
func (m *Bytes) Dims() (rows, cols int) { return m.Rows, m.Cols }

// NNZ returns Rows·Cols.
func (m *Bytes) NNZ() int { return len(m.Data) }

// At returns the element of row i and column j.
func (m *Bytes) At(i, j int) float64 {
	v := float64(m.Data[i*m.Cols+j])
	if m.Divisors != nil {
		v /= m.Divisors[j]
	}
	return v
}

// Dense returns a copy of m in float64.
func (m *Bytes) Dense() *Dense {
	return mapValues(m, func(_, _ int, v float64) float64 { return v }).(*Dense)
}
