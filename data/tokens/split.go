package tokens

// Split writes tokens to shards for training and for validation.
type Split struct {
	Train, Validation *Writer
	// Share is the share of the tokens for validation, in [0, 1): whole documents, spread evenly.
	Share float64
	// First is the number of tokens at the start that are for validation. As in FineWeb's shards, this may cut a document.
	First int64

	Documents int // number of documents written
	aside     bool
}

// Add writes a batch.
func (s *Split) Add(b *Batch) error {
	s.Documents += len(b.Starts)
	if s.First > 0 {
		n := int(min(int64(len(b.Tokens)), s.First-s.Validation.Len()))
		if err := s.Validation.Write(b.Tokens[:n]); err != nil {
			return err
		}
		return s.Train.Write(b.Tokens[n:])
	}
	from := 0
	for _, start := range append(b.Starts, len(b.Tokens)) {
		to := s.Train
		if s.aside {
			to = s.Validation
		}
		if err := to.Write(b.Tokens[from:start]); err != nil {
			return err
		}
		from = start
		if start < len(b.Tokens) {
			s.aside = float64(s.Validation.Len()) < s.Share*float64(s.Validation.Len()+s.Train.Len())
		}
	}
	return nil
}
