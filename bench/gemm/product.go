package main

import (
	"log"
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	"steepest/bench/onednn"
	"steepest/bench/openblas"
	"steepest/bench/openmp"
	"steepest/bench/paired"
	steepest "steepest/blas"
	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// product is c ← op(a)·op(b), row-major, without gaps.
type product[T float32 | float64] struct {
	shape
	transA, transB bool
	lda, ldb       int
	a, b, c        []T
	workers        int
}

func newProduct[T float32 | float64](sh shape, trans string, workers int) *product[T] {
	p := &product[T]{
		shape: sh, transA: trans[0] == 'T', transB: trans[1] == 'T', lda: sh.k, ldb: sh.n, workers: workers,
		a: random[T](sh.m * sh.k), b: random[T](sh.k * sh.n), c: make([]T, sh.m*sh.n),
	}
	if p.transA {
		p.lda = sh.m
	}
	if p.transB {
		p.ldb = sh.k
	}
	return p
}

// random returns numbers from [−1, 1).
func random[T float32 | float64](n int) []T {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	v := make([]T, n)
	for i := range v {
		v[i] = T(2*rng.Float64() - 1)
	}
	return v
}

// tooSlow is the number of operations from which gonum would take most of the time.
const tooSlow = 2e10

// contestant returns a library's way to compute the product, if it has one worth the wait.
func (p *product[T]) contestant(name string) (c paired.Contestant, ok bool) {
	c.Name = name
	switch p32, is32 := any(p).(*product[float32]); name {
	case "Steepest":
		c.Run = func(reps int) {
			for range reps {
				gemm.Mul(p.transA, p.transB, p.m, p.n, p.k, 1, p.a, p.lda, p.b, p.ldb, 0, p.c, p.n)
			}
		}
	case "bfloat16":
		if !is32 {
			return c, false
		}
		a, b := roundBF16(p32.a), roundBF16(p32.b)
		c.Run = func(reps int) {
			for range reps {
				gemm.MulBF16(p.transA, p.transB, p.m, p.n, p.k, 1, a, p.lda, b, p.ldb, 0, p32.c, p.n)
			}
		}
	case "OpenBLAS":
		c.Run = func(reps int) {
			openblas.Mul(p.workers, reps, p.transA, p.transB, p.m, p.n, p.k, 1, p.a, p.lda, p.b, p.ldb, 0, p.c, p.n)
		}
		c.Rest = p.rest()
	case "oneDNN":
		if !is32 {
			return c, false
		}
		c.Run = func(reps int) {
			onednn.Mul(p.workers, reps, p.transA, p.transB, p.m, p.n, p.k, 1, p32.a, p.lda, p32.b, p.ldb, 0, p32.c, p.n)
		}
		c.Rest = p.rest()
	case "mat":
		p64, is64 := any(p).(*product[float64])
		if !is64 || p.transA || p.transB {
			return c, false
		}
		blas64.Use(steepest.Implementation{})
		a, b, dst := mat.NewDense(p.m, p.k, p64.a), mat.NewDense(p.k, p.n, p64.b), mat.NewDense(p.m, p.n, p64.c)
		c.Run = func(reps int) {
			for range reps {
				dst.Mul(a, b)
			}
		}
	case "gonum":
		if p.transA || p.transB || p.flops() > tooSlow {
			return c, false
		}
		c.Run = p.gonum
	default:
		log.Fatalf("no contestant %q", name)
	}
	return c, true
}

// roundBF16 rounds v, for all contestants, and returns it as bfloat16.
func roundBF16(v []float32) []simd.BF16 {
	half := make([]simd.BF16, len(v))
	simd.RoundBF16(half, v)
	simd.WidenBF16(v, half)
	return half
}

// rest is the pause after a library whose threads spin.
func (p *product[T]) rest() time.Duration {
	if p.workers == 1 {
		return 0
	}
	return openmp.Rest
}

func (p *product[T]) gonum(reps int) {
	for range reps {
		switch p := any(p).(type) {
		case *product[float32]:
			gonum.Implementation{}.Sgemm(blas.NoTrans, blas.NoTrans, p.m, p.n, p.k, 1, p.a, p.lda, p.b, p.ldb, 0, p.c, p.n)
		case *product[float64]:
			gonum.Implementation{}.Dgemm(blas.NoTrans, blas.NoTrans, p.m, p.n, p.k, 1, p.a, p.lda, p.b, p.ldb, 0, p.c, p.n)
		}
	}
}

// check ends the program if some elements of the contestant's product are wrong.
func (p *product[T]) check(name string, c paired.Contestant) {
	clear(p.c)
	c.Run(1)
	unit := 0x1p-53
	if _, is32 := any(p.c).([]float32); is32 {
		unit = 0x1p-24
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		i, j := rng.IntN(p.m), rng.IntN(p.n)
		want, magnitude := 0.0, 0.0
		for l := range p.k {
			term := float64(p.at(p.a, p.transA, p.lda, i, l)) * float64(p.at(p.b, p.transB, p.ldb, l, j))
			want, magnitude = want+term, magnitude+math.Abs(term)
		}
		if got := float64(p.c[i*p.n+j]); !(math.Abs(got-want) <= unit*float64(p.k)*magnitude) {
			log.Fatalf("%s: element (%d, %d) of %v is %v, want %v", name, i, j, p.shape, got, want)
		}
	}
}

// at returns an element of op(v).
func (p *product[T]) at(v []T, trans bool, ld, i, j int) T {
	if trans {
		i, j = j, i
	}
	return v[i*ld+j]
}
