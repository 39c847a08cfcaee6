package matrix

import (
	"fmt"
	"math"

	"steepest/param"
)

// QKClip keeps the logits of attention below a threshold τ after a step: the second half of MuonClip (Kimi Team 2025,
// arXiv:2507.20534, algorithm 1). maxLogits[h] is the largest logit of head h in the step's forward pass. If it exceeds τ, the
// head's rows of the query weights and of the key weights are multiplied by √(τ/maxLogits[h]), so that the same input would
// give τ. query and key hold the heads one below the other, [heads·d, in], and may be parts of one fused tensor. QKClip panics
// unless their rows can be cut into len(maxLogits) heads and τ is positive.
func QKClip[T param.Float](query, key []T, maxLogits []float64, tau float64) {
	heads := len(maxLogits)
	if heads == 0 || len(query)%heads != 0 || len(key)%heads != 0 || !(tau > 0) {
		panic(fmt.Sprintf("matrix: QKClip of %d and %d weights for %d heads at τ = %v", len(query), len(key), heads, tau))
	}
	for h, logit := range maxLogits {
		if logit <= tau {
			continue
		}
		root := T(math.Sqrt(tau / logit))
		for _, w := range [][]T{query, key} {
			size := len(w) / heads
			for i := range w[h*size : (h+1)*size] {
				w[h*size+i] *= root
			}
		}
	}
}
