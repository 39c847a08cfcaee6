package data

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"steepest/internal/decimal"
)

// A decimal of 76 digits, the most that Arrow has, takes 32 bytes. The limits leave room, and keep numbers of hostile files short.
const (
	mostDecimalBytes  = 64
	mostDecimalDigits = 150 // after the point
)

// number returns the value that is stored as the lowest bits of the given ones.
func (c *parquetChunk) number(bits uint64) float64 {
	f := c.field
	switch {
	case f.kind == format.Double:
		return math.Float64frombits(bits)
	case f.kind == format.Float:
		return float64(math.Float32frombits(uint32(bits)))
	case f.kind == format.Int32 && f.unsigned:
		bits = uint64(uint32(bits))
	case f.kind == format.Int32:
		bits = uint64(int32(bits))
	}
	switch {
	case c.category:
		return c.words.number(binary.BigEndian.AppendUint64(nil, bits))
	case f.decimal:
		return nearestDecimal(int64(bits), f.digits)
	case f.unsigned:
		return float64(bits)
	}
	return float64(int64(bits))
}

// value returns the value that is stored as bytes.
func (c *parquetChunk) value(stored []byte) (float64, error) {
	f := c.field
	switch {
	case f.decimal && (len(stored) == 0 || len(stored) > mostDecimalBytes), f.half && len(stored) != 2:
		return 0, fmt.Errorf("a number has %d bytes", len(stored))
	case f.half:
		return ofHalf(binary.LittleEndian.Uint16(stored)), nil
	case !f.decimal || c.category:
		return c.words.number(stored), nil
	}
	whole := f.whole(stored)
	if whole.IsInt64() {
		return nearestDecimal(whole.Int64(), f.digits), nil
	}
	v, _ := decimal.Parse(fmt.Sprintf("%de-%d", whole, f.digits))
	return v, nil
}

// nearestDecimal returns the float64 nearest to v·10^−digits.
func nearestDecimal(v int64, digits int) float64 {
	if v < 0 {
		return -decimal.Nearest(-uint64(v), -digits)
	}
	return decimal.Nearest(uint64(v), -digits)
}

// whole returns the integer of a value that exact reports, from its bytes in big-endian order.
func (f *parquetField) whole(stored []byte) *big.Int {
	v := new(big.Int).SetBytes(stored)
	if stored[0]&0x80 != 0 && !f.unsigned {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(stored))))
	}
	return v
}

// spell returns a value as a cell of a CSV file; "" for a missing one.
func (c *parquetChunk) spell(v float64) string {
	f := c.field
	switch {
	case v != v:
		return ""
	case f.text():
		return c.words.list[int(v)]
	case f.boolean():
		return strconv.FormatBool(v == 1)
	case f.exact() && c.category:
		return spellDecimal(f.whole([]byte(c.words.list[int(v)])), f.digits)
	case f.kind == format.Float:
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, 32), 64)
	case f.half:
		v = shortHalf(v)
	}
	return decimal.Text(v)
}

// spellDecimal writes v·10^−digits with all its digits.
func spellDecimal(v *big.Int, digits int) string {
	if digits == 0 {
		return v.String()
	}
	sign, text := "", v.String()
	if v.Sign() < 0 {
		sign, text = "-", text[1:]
	}
	if lack := digits + 1 - len(text); lack > 0 {
		text = strings.Repeat("0", lack) + text
	}
	point := len(text) - digits
	return sign + text[:point] + "." + text[point:]
}

// ofHalf returns the number of float16 that has the given bits.
func ofHalf(bits uint16) float64 {
	fraction, exponent, v := float64(bits&0x3ff), int(bits>>10&0x1f), 0.0
	switch {
	case exponent == 0x1f && fraction > 0:
		return math.NaN()
	case exponent == 0x1f:
		v = math.Inf(1)
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	default:
		v = math.Ldexp(fraction+0x400, exponent-25)
	}
	if bits>>15 == 1 {
		v = -v
	}
	return v
}

// shortHalf returns the number with the fewest digits to which v is the nearest number of float16.
func shortHalf(v float64) float64 {
	fraction, exponent := math.Frexp(math.Abs(v))
	below := math.Ldexp(0.5, max(exponent-11, -24)) // half the distance to the neighbors
	above := below
	if fraction == 0.5 && exponent > -13 {
		below /= 2
	}
	for digits := 1; v-v == 0; digits++ {
		w, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
		if d := math.Abs(w) - math.Abs(v); -below < d && d < above {
			return w
		}
	}
	return v
}
