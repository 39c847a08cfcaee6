package tokens

// Survey is what a stream of tokens holds.
type Survey struct {
	Least, Most uint32    // the lowest and the highest token
	Encoding    *Encoding // bytes or GPT-2's, whichever can have made the tokens; nil for none
	Documents   int64     // that begin in the stream, by the encoding
}

// Survey reads the tokens, or the first of them where there are more than most.
func (s *Stream) Survey(most int64) (v Survey, err error) {
	count := make(map[uint32]int64)
	ends := []*Encoding{byteLevel(), gpt2()}
	v.Least = none
	tokens := make([]uint32, 1<<16)
	most = min(most, s.Len())
	for at := int64(0); at < most; at += int64(len(tokens)) {
		tokens = tokens[:min(int64(len(tokens)), most-at)]
		if err := s.Read(tokens, at); err != nil {
			return v, err
		}
		for _, t := range tokens {
			v.Least, v.Most = min(v.Least, t), max(v.Most, t)
			if t == ends[0].EndOfText || t == ends[1].EndOfText {
				count[t]++
			}
		}
	}
	for _, e := range ends {
		if most > 0 && v.Most <= e.EndOfText {
			v.Encoding, v.Documents = e, count[e.EndOfText]
			break
		}
	}
	return v, nil
}
