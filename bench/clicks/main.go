// Command clicks writes rows like those of the Criteo challenge of 2014 in the text of Vowpal Wabbit: a click or none, 13 counts, some of which
// are missing, and 26 categories of 3 to ten million words each, few of which are frequent. The rows depend on the seed alone, and
// whoever wants 20 GB of them need not store the text:
//
//	go run ./clicks -rows 44000000 | steepest minimize ftrl:lr=0.1 --data - --format vw --bits 22 --cache clicks \
//	    --l2 0 --batch 1 --sampling blocks --epochs 1 --progressive
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
)

// cardinalities are the sizes of the categories, about those of the challenge.
var cardinalities = []uint64{
	1460, 583, 10_131_227, 2_202_608, 305, 24, 12_517, 633, 3, 93_145, 5683, 8_351_593, 3194, 27, 14_992, 5_461_306, 10, 5652, 2173, 4,
	7_046_547, 18, 15, 286_181, 105, 142_572,
}

const counts = 13

func main() {
	rows := flag.Int("rows", 1_000_000, "rows to write; a million takes about 450 MB")
	seed := flag.Uint64("seed", 1, "of the rows")
	flag.Parse()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	r := newRows(*seed)
	for range *rows {
		if _, err := out.Write(r.next()); err != nil {
			fail(err)
		}
	}
	if err := out.Flush(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "clicks:", err)
	os.Exit(1)
}

// rows makes rows, one after the other.
type rows struct {
	random *rand.Rand
	ranks  []*rand.Zipf // of the words of each category
	line   []byte
}

func newRows(seed uint64) *rows {
	r := &rows{random: rand.New(rand.NewPCG(seed, 0))}
	for _, n := range cardinalities {
		r.ranks = append(r.ranks, rand.NewZipf(r.random, 1.1, 2, n-1))
	}
	return r
}

// next returns a row, which is valid until the next call. The odds of a click are a product of factors, one for each count and each word.
func (r *rows) next() []byte {
	line, score := append(r.line[:0], "   |i"...), -1.2
	for i := range counts {
		v := math.Floor(math.Exp(float64(r.random.NormFloat64() * 1.5)))
		if v == 0 || r.random.IntN(4) == 0 {
			continue // nothing is known
		}
		line = append(append(line, ' '), 'a'+byte(i))
		line = append(line, ':')
		v = math.Round(1000*math.Log1p(v)) / 1000
		line = strconv.AppendFloat(line, v, 'g', -1, 64)
		score += float64(0.3*weight(uint64(i), 0)) * v
	}
	line = append(line, " |c"...)
	for i, ranks := range r.ranks {
		rank := ranks.Uint64()
		line = append(append(line, ' '), 'a'+byte(i))
		line = append(line, '=')
		line = strconv.AppendUint(line, mix(uint64(i)<<40|rank)&0xffffffff, 16)
		score += float64(0.5 * weight(uint64(i), 1+rank))
	}
	r.line = append(line, '\n')
	copy(r.line, "-1 ")
	if r.random.Float64() < 1/(1+math.Exp(-score)) {
		copy(r.line, " 1 ")
	}
	return r.line
}

// weight returns the weight of a word, from −1 to 1, as a function of its category and rank.
func weight(category, rank uint64) float64 {
	return float64(int64(mix(category<<40^rank^0x5eed<<48))) / (1 << 63)
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
