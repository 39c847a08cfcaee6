package objective

import "steepest/internal/mapped"

// Rows may be in files on a disk (data.Cache), whose pages the system reads on demand. A run that reads rows out of order announces this
// (Scatter), and announces the rows that it needs next (Preload).

// passRows is the number of rows that a pass over all rows preloads at a time.
const passRows = 1 << 10

// Scatter tells the system that rows are used in random order, so that it does not read ahead. Passes over all rows then preload them.
func (p *Linear[T]) Scatter() {
	p.scattered.Store(true)
	mapped.Scattered(p.indptr)
	mapped.Scattered(p.indices)
	mapped.Scattered(p.values)
}

// Preload asks the system to read the rows lo to hi ahead.
func (m *rows[T]) Preload(lo, hi int) {
	if m.indptr == nil {
		mapped.WillNeed(m.values[lo*m.d : hi*m.d])
		return
	}
	mapped.WillNeed(m.indptr[lo : hi+1])
	from, to := m.indptr[lo], m.indptr[hi]
	mapped.WillNeed(m.indices[from:to])
	mapped.WillNeed(m.values[from:to])
}
