package tokens

// Survey describes the content of a stream of tokens.
type Survey struct {
	Least, Most uint32    // the lowest and the highest token
	Encoding    *Encoding // the encoding that may have made the tokens, bytes or GPT-2's; nil for none
	Documents   int64     // documents that begin in the stream, by that encoding
}

// Survey reads the tokens of the stream, at most the given number from its start, and describes them.
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
