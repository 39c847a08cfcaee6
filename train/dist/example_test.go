package dist_test

import (
	"fmt"
	"log"

	"steepest/train/dist"
	"steepest/train/dist/disttest"
)

// A sum of eight pieces has the same bits on one rank and on three. Goroutines stand for the ranks here.
func ExampleSum() {
	piece := func(dst []float32, k int) float64 {
		dst[0] = 1 / float32(k+1)
		return 0
	}
	alone := make([]float32, 1)
	if _, err := (&dist.Sum[float32]{}).Of(alone, 8, piece); err != nil {
		log.Fatal(err)
	}
	disttest.Together(3, func(g *disttest.Group) {
		together := make([]float32, 1)
		if _, err := (&dist.Sum[float32]{Group: g}).Of(together, 8, piece); err != nil {
			log.Fatal(err)
		}
		if g.Rank() == 0 {
			fmt.Println(together[0], together[0] == alone[0])
		}
	})
	// Output:
	// 2.7178574 true
}
