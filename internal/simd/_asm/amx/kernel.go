package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tile has at most 16 rows of 64 bytes: 16 × 16 float32 of C, or 16 × 16 pairs of bfloat16 of A or B.
const (
	tileRows = 16
	rowBytes = 64
)

// The tile registers of C, A and B, and the addresses that they are loaded from.
var (
	tilesC = [2][2]tile{{0, 1}, {2, 3}}
	tilesA = [2]tile{4, 5}
	tilesB = [2]tile{6, 7}

	memoryA = rows(reg.RAX, reg.RBX, reg.RCX)
	memoryB = Mem{Base: reg.RSI, Index: reg.RDX, Scale: 1}
	memoryC = rows(reg.RDI, reg.R8, reg.R9)
)

// rows returns the addresses of two tiles, one below the other.
func rows(upper, lower, distance reg.Register) [2]Mem {
	return [2]Mem{{Base: upper, Index: distance, Scale: 1}, {Base: lower, Index: distance, Scale: 1}}
}

// The offsets of the fields of simd.tiles, after the shapes.
const (
	fieldK      = 64
	fieldA      = 72
	fieldARow   = 80
	fieldAStrip = 88
	fieldB      = 96
	fieldBStep  = 104
	fieldC      = 112
	fieldCRow   = 120
	fieldStrips = 128
	fieldRows   = 136
	fieldLast   = 144
	fieldAlpha  = 152
	fieldBeta   = 156
	fieldBias   = 160
)

// kernel computes C ← αAB + βC for blocks of C, one below the other, or C ← AB + bias in bfloat16 if it rounds. A block has down × across
// tiles.
type kernel struct {
	code
	name         string
	down, across int
	rounds       bool
	accumulate   func(k kernel) // adds the products of the next tiles of A and B to those of C, and advances A and B
	fields       Mem
}

// words is the kernel for operands that are words (pairs of bfloat16) at given distances.
var words = kernel{name: "multiplyAMX", accumulate: kernel.accumulateWords}

// roundedWords is the kernel for words that rounds C to bfloat16.
var roundedWords = kernel{name: "multiplyRoundedAMX", rounds: true, accumulate: kernel.accumulateWords}

// write writes the function for blocks of one size. If α = 1 and β = 0, the tiles are stored directly to C. Otherwise they go through
// a buffer for the sums.
func (k kernel) write(in code, below, beside int) {
	k.code, k.down, k.across = in, below, beside
	k.Function(fmt.Sprintf("%s%dx%d", k.name, k.down, k.across))
	k.Pragma("noescape")
	k.SignatureExpr("func(t *byte)") // a *tiles, which avo does not know
	sums := k.AllocLocal(k.down*tileRows*k.across*rowBytes + rowBytes)
	k.Load(k.Param("t"), reg.RAX)
	k.configure(Mem{Base: reg.RAX})
	k.fields = Mem{Base: k.GP64()}
	k.MOVQ(reg.RAX, k.fields.Base)
	a, c, strips := k.word(fieldA), k.word(fieldC), k.word(fieldStrips)
	k.distance(fieldARow, memoryA[0].Index)
	k.distance(fieldBStep, memoryB.Index)

	k.Label("strip")
	k.sum(a, c)
	if k.rounds {
		k.buffer(sums)
		k.round(memoryC[0].Base, c)
	} else {
		k.result(sums, c)
	}
	k.ADDQ(k.distance(fieldAStrip, k.GP64()), a)
	k.DECQ(strips)
	k.JNE(LabelRef("strip"))
	k.release()
	k.VZEROUPPER()
	k.RET()
}

// buffer stores the tiles of C in a buffer for the sums.
func (k kernel) buffer(sums Mem) {
	k.LEAQ(sums.Offset(rowBytes-1), memoryC[0].Base)
	k.ANDQ(I8(-rowBytes), memoryC[0].Base)
	k.MOVQ(U32(k.across*rowBytes), memoryC[0].Index)
	k.store()
}

// result stores C, and advances c past its rows.
func (k kernel) result(sums Mem, c reg.Register) {
	one, rest := k.GP32(), k.GP32()
	k.MOVL(k.fields.Offset(fieldBeta), rest)
	k.ADDL(rest, rest) // 0 for both zeros
	k.MOVL(k.fields.Offset(fieldAlpha), one)
	k.XORL(U32(0x3f800000), one)
	k.ORL(one, rest)
	k.JNE(LabelRef("scale"))
	k.MOVQ(c, memoryC[0].Base)
	k.distance(fieldCRow, memoryC[0].Index)
	k.store()
	down := k.GP64()
	k.MOVQ(memoryC[0].Index, down)
	k.IMULQ(k.fields.Offset(fieldRows), down)
	k.ADDQ(down, c)
	k.JMP(LabelRef("next"))
	k.Label("scale")
	k.buffer(sums)
	k.scale(memoryC[0].Base, c)
	k.Label("next")
}

// sum sets the tiles of C to AB. Each step prefetches two rows of C while the tiles are busy.
func (k kernel) sum(a, c reg.Register) {
	for i := range k.down {
		for j := range k.across {
			k.zero(tilesC[i][j])
		}
	}
	k.MOVQ(a, memoryA[0].Base)
	k.below(memoryA)
	k.MOVQ(k.fields.Offset(fieldB), memoryB.Base)
	left := k.word(fieldK)
	k.TESTQ(left, left)
	k.JEQ(LabelRef("summed"))
	ahead, row, lines := k.GP64(), k.distance(fieldCRow, k.GP64()), k.across
	if k.rounds { // half as many bytes
		k.SHRQ(Imm(1), row)
		lines = 1
	}
	k.MOVQ(c, ahead)
	k.Label("loop")
	for range 2 {
		for j := range lines {
			k.PREFETCHT0(Mem{Base: ahead, Disp: j * rowBytes})
		}
		k.ADDQ(row, ahead)
	}
	k.accumulate(k)
	k.DECQ(left)
	k.JNE(LabelRef("loop"))
	k.Label("summed")
}

func (k kernel) accumulateWords() {
	for i := range k.down {
		for j := range k.across {
			if i == 0 {
				k.load(memoryB.Offset(j*rowBytes), tilesB[j])
			}
			if j == 0 {
				k.load(memoryA[i], tilesA[i])
			}
			k.multiply(tilesB[j], tilesA[i], tilesC[i][j])
		}
	}
	for i := range k.down {
		k.ADDQ(Imm(rowBytes), memoryA[i].Base)
	}
	step := k.GP64()
	k.MOVQ(memoryB.Index, step)
	k.SHLQ(Imm(4), step)
	k.ADDQ(step, memoryB.Base)
}

// store writes the tiles of C.
func (k kernel) store() {
	k.below(memoryC)
	for i := range k.down {
		for j := range k.across {
			k.code.store(tilesC[i][j], memoryC[i].Offset(j*rowBytes))
		}
	}
}

// below sets the address of the lower of two tiles, if there is one.
func (k kernel) below(m [2]Mem) {
	if k.down == 2 {
		k.MOVQ(m[0].Index, m[1].Base)
		k.SHLQ(Imm(4), m[1].Base)
		k.ADDQ(m[0].Base, m[1].Base)
	}
}

// scale sets the rows of C to α times the sums plus β times C, and advances sums and c past them.
func (k kernel) scale(sums, c reg.Register) {
	writes, reads := k.masks()
	alpha, beta := k.ZMM(), k.ZMM()
	k.VBROADCASTSS(k.fields.Offset(fieldAlpha), alpha)
	k.VBROADCASTSS(k.fields.Offset(fieldBeta), beta)
	left := k.word(fieldRows)
	down := k.distance(fieldCRow, k.GP64())
	k.Label("row")
	for j := range k.across {
		at := Mem{Base: c, Disp: j * rowBytes}
		v, old := k.ZMM(), k.ZMM()
		k.VMULPS(Mem{Base: sums, Disp: j * rowBytes}, alpha, v)
		k.VMOVUPS_Z(at, reads[j], old)
		k.VFMADD231PS(old, beta, v)
		k.VMOVUPS(v, writes[j], at)
	}
	k.ADDQ(U32(k.across*rowBytes), sums)
	k.ADDQ(down, c)
	k.DECQ(left)
	k.JNE(LabelRef("row"))
}

// round sets the rows of C to the sums plus the bias, in bfloat16, and advances sums and c past them.
func (k kernel) round(sums, c reg.Register) {
	cols, bias := k.word(fieldLast), k.word(fieldBias)
	k.ADDQ(Imm(uint64((k.across-1)*tileRows)), cols)
	all, right := firstLanes(k.code, cols, 2*tileRows), k.K()
	k.KSHIFTRD(Imm(tileRows), all, right)
	masks := []reg.Register{all, right}[:k.across]
	zero := zmm(1)
	k.VPXORD(zero, zero, zero)
	for j, mask := range masks {
		k.VMOVUPS_Z(Mem{Base: bias, Disp: j * rowBytes}, mask, zmm(2+j))
	}
	left := k.word(fieldRows)
	down := k.distance(fieldCRow, k.GP64())
	k.SHRQ(Imm(1), down)
	k.Label("row")
	for j := range masks {
		k.VADDPS(Mem{Base: sums, Disp: j * rowBytes}, zmm(2+j), zmm(j))
	}
	roundPair(k.code, zmm(1), zmm(0), zmm(4))
	k.VMOVDQU16(zmm(4), all, Mem{Base: c})
	k.ADDQ(U32(k.across*rowBytes), sums)
	k.ADDQ(down, c)
	k.DECQ(left)
	k.JNE(LabelRef("row"))
}

// masks returns the masks of the columns that exist, for each tile of a row of C. If β = 0, the masks for reading are empty.
func (k kernel) masks() (writes, reads []reg.Register) {
	for j := range k.across {
		mask, beta, write, read := k.GP32(), k.GP32(), k.K(), k.K()
		k.MOVL(U32(0xffff), mask)
		if j == k.across-1 {
			k.BZHIL(k.word(fieldLast).As32(), mask, mask)
		}
		k.KMOVW(mask, write)
		k.MOVL(k.fields.Offset(fieldBeta), beta)
		k.ADDL(beta, beta)
		k.CMOVLEQ(beta, mask)
		k.KMOVW(mask, read)
		writes, reads = append(writes, write), append(reads, read)
	}
	return writes, reads
}

// word loads a field.
func (k kernel) word(field int) reg.GPVirtual {
	to := k.GP64()
	k.MOVQ(k.fields.Offset(field), to)
	return to
}

// distance loads a field that counts words, in bytes.
func (k kernel) distance(field int, to reg.Register) reg.Register {
	k.MOVQ(k.fields.Offset(field), to)
	k.SHLQ(Imm(2), to)
	return to
}
