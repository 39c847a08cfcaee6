// Package peak measures how many floating-point operations a second the machine can do at this moment.
package peak

/*
#cgo CFLAGS: -O2
#include <immintrin.h>
#include <stddef.h>
#include <time.h>

// Twelve sums hide the latency of a fused multiply-add on every processor so far: two a cycle, four or five cycles each.
// The empty asm keeps them in registers and the compiler from doing the work once.
#define SUMS 12
#define LOOP(VEC, SET, FMA)                               \
	VEC s[SUMS], a = SET(0.999f), b = SET(0.001f);        \
	for (int j = 0; j < SUMS; j++) s[j] = SET(j);         \
	for (size_t i = 0; i < n; i++) {                      \
		_Pragma("GCC unroll 12")                          \
		for (int j = 0; j < SUMS; j++) s[j] = FMA(a, s[j], b); \
		asm volatile("" : "+v"(a));                       \
	}                                                     \
	for (int j = 0; j < SUMS; j++) asm volatile("" :: "v"(s[j]));

__attribute__((target("avx2,fma"))) static void avx2(size_t n) {
	LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps)
}

__attribute__((target("avx512f"))) static void avx512(size_t n) {
	LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps)
}

// rounds does n rounds of SUMS operations and returns how many float32 operations that were.
static double rounds(size_t n) {
	if (__builtin_cpu_supports("avx512f")) {
		avx512(n);
		return 2.0 * 16 * SUMS * n;
	}
	avx2(n);
	return 2.0 * 8 * SUMS * n;
}

// rate is that of one thread by the time that it had a processor.
static double rate(size_t n) {
	struct timespec start, end;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	double done = rounds(n);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return done / (end.tv_sec - start.tv_sec + 1e-9 * (end.tv_nsec - start.tv_nsec));
}
*/
import "C"

import (
	"runtime"
	"sync"
	"time"
)

// rounds take a few milliseconds.
const rounds = 2_000_000

// Float32 returns the operations a second of fused multiply-adds on float32, two each, of all threads together, in the widest registers
// that the processor has. It takes a few milliseconds. The time is that of the processor for one thread and of the wall clock for
// several, so that their sum tells how many processors they had.
func Float32(threads int) float64 {
	if threads == 1 {
		return float64(C.rate(rounds))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
	done := make([]float64, threads)
	var all sync.WaitGroup
	start := time.Now()
	for i := range done {
		all.Go(func() { done[i] = float64(C.rounds(rounds)) })
	}
	all.Wait()
	seconds := time.Since(start).Seconds()
	sum := 0.0
	for _, n := range done {
		sum += n
	}
	return sum / seconds
}

// Float64 is Float32 for float64. A register holds half as many of them.
func Float64(threads int) float64 { return Float32(threads) / 2 }
