package gemm

import "steepest/internal/simd"

// partsPay reports whether the product is faster in parts of bfloat16. Packing costs k(m+n) and visiting C costs mn, against mnk
// products. The constants were measured.
func (p *product[T]) partsPay() bool {
	_, is32 := any(p.c).([]float32)
	return is32 && !p.plain && simd.HasPartProducts() &&
		p.k >= 2*simd.PartsDepth && 2*p.m*p.n*p.k >= 60*(2*p.k*(p.m+p.n)+p.m*p.n)
}

// splits has A and B packed in parts. From then on k counts words of parts.
func (p *product[T]) splits() {
	p.parts, p.packA, p.packB = true, true, true
	p.stripRows, p.panelCols, p.step = simd.PartsLines, simd.PartsLines, simd.PartsWords
	p.a.cols, p.b.cols, p.b.ofB = p.k, p.k, true
	p.k = pieces(p.k, simd.PartsDepth) * simd.PartsWords
}

// depths returns the columns of the operand that are packed in some words of parts.
func (o operand[T]) depths(words span) span {
	return span{words.lo / simd.PartsWords, words.hi / simd.PartsWords}.of(simd.PartsDepth, o.cols)
}

// packParts packs some bands in parts and stores the range of exponents of each band in sizes. If columns are contiguous, it goes through
// all bands before it moves on in k, because then the bands lie side by side in memory.
func (o operand[T]) packParts(dst []T, sizes []simd.Exponents, bands, words span, band func(i int) span) {
	to, from := any(dst).([]float32), any(o.data).([]float32)
	var extents [packBands]simd.Extent
	for i := range extents {
		extents[i] = simd.NewExtent()
	}
	ks := o.depths(words)
	deep := pieces(ks.len(), simd.PartsDepth)
	piece := func(i, d int) {
		lines, k := band(i), ks.lo+d*simd.PartsDepth
		at := lines.lo*o.stride + k
		if !o.byRow {
			at = k*o.stride + lines.lo
		}
		simd.PackParts(to[(i*deep+d)*simd.PartsLines*simd.PartsWords:], from[at:], o.stride, lines.len(), min(simd.PartsDepth, ks.hi-k),
			!o.byRow, o.ofB, &extents[i-bands.lo])
	}
	if o.byRow {
		for i := bands.lo; i < bands.hi; i++ {
			for d := range deep {
				piece(i, d)
			}
		}
	} else {
		for d := range deep {
			for i := bands.lo; i < bands.hi; i++ {
				piece(i, d)
			}
		}
	}
	for i := bands.lo; i < bands.hi; i++ {
		sizes[i] = extents[i-bands.lo].Exponents()
	}
}

// suit reports whether the block of strip s and panel q can be computed in parts, and for how many of the n blocks below it,
// including itself, the answer is the same.
func (p *product[T]) suit(x *crossing[T], s, n, q int) (alike int, suits bool) {
	b := x.sizesB[q-x.panels.lo]
	suits = x.sizesA[s].Suit(b, p.a.cols)
	for i := 1; i < n; i++ {
		if x.sizesA[s+i].Suit(b, p.a.cols) != suits {
			return i, suits
		}
	}
	return n, suits
}

// alone computes blocks as a product of their own, in plain float32.
func (p *product[T]) alone(b *simd.Block[T], rows, cols, words span) {
	ks := p.a.depths(words)
	run(&product[T]{
		m: rows.len(), n: cols.len(), k: ks.len(), alpha: b.Alpha, beta: b.Beta, c: b.C, ldc: b.CRow, plain: true,
		a: operand[T]{data: p.a.from(rows.lo, ks.lo), stride: p.a.stride, byRow: p.a.byRow},
		b: operand[T]{data: p.b.from(cols.lo, ks.lo), stride: p.b.stride, byRow: p.b.byRow},
	})
}
