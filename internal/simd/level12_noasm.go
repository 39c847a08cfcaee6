//go:build !amd64 || purego || noasm

package simd

// There is no vector code to run.

func dot[T Float](x, y []T) T        { return portableDot(x, y) }
func dotWide(x, y []float32) float64 { return portableDotWide(x, y) }
func zeros[T Float](x []T) T         { return portableZeros(x) }
func asum[T Float](x []T) T          { return portableAsum(x) }

func sumSquares[T Float](x []T) (sum, magnitude float64) { return portableSumSquares(x) }

func axpy[T Float](a T, x, y []T) { portableAxpy(a, x, y) }
func scal[T Float](a T, x []T)    { portableScal(a, x) }

func gemvN[T Float](alpha T, a []T, lda int, x, y []T) { portableGemvN(alpha, a, lda, x, y) }
func gemvT[T Float](alpha T, a []T, lda int, x, y []T) { portableGemvT(alpha, a, lda, x, y) }
func ger[T Float](alpha T, x, y, a []T, lda int)       { portableGer(alpha, x, y, a, lda) }

func gemvNBF16(alpha float32, a []BF16, lda int, x, y []float32) {
	portableGemvNBF16(alpha, a, lda, x, y)
}
