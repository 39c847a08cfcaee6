package objective

import "steepest/internal/mapped"

// Rows may lie in files on a disk (data.Cache), whose pages the system reads when they are used. A run that takes rows in another order than
// theirs says so (Scatter), and which it takes next (Preload).

// passRows is the number of rows that a pass over all of them asks for at a time.
const passRows = 1 << 10

// Scatter tells the system that rows are used one by one, so that it reads nothing around them. Passes over all rows then ask for them.
func (p *Linear[T]) Scatter() {
	p.scattered.Store(true)
	mapped.Scattered(p.indptr)
	mapped.Scattered(p.indices)
	mapped.Scattered(p.values)
}

// Preload asks the system for the rows lo to hi, before they are used.
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
