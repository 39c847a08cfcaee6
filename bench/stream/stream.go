// Package stream moves memory and does nothing else: the limit of any pass that computes little.
package stream

/*
#cgo CFLAGS: -O2 -mavx2
#cgo LDFLAGS: -pthread
#include <immintrin.h>
#include <pthread.h>

enum { MOST = 7, LINE = 64 };

// piece is the work of a thread: it reads the bytes between from and to of all vectors, and writes those of the first vectors
// again, unchanged. nothing is 0, which the compiler must not know.
typedef struct { int reads, writes, around; char *v[MOST]; size_t from, to; long long nothing; } piece;

static inline __attribute__((always_inline)) void move(const piece *p, int reads, int writes, int around) {
	char *v[MOST];
	for (int j = 0; j < reads; j++) v[j] = p->v[j];
	__m256i nothing = _mm256_set1_epi64x(p->nothing), sum = nothing;
	for (size_t at = p->from; at < p->to; at += LINE) {
		_Pragma("GCC unroll 2") for (size_t half = at; half < at + LINE; half += LINE / 2) {
			__m256i e[MOST];
			if (writes) sum = nothing;
			_Pragma("GCC unroll 7") for (int j = 0; j < reads; j++) {
				e[j] = _mm256_loadu_si256((__m256i *)(v[j] + half));
				sum = _mm256_or_si256(sum, e[j]);
			}
			_Pragma("GCC unroll 7") for (int j = 0; j < writes; j++) {
				__m256i value = _mm256_or_si256(e[j], _mm256_and_si256(sum, nothing));
				if (around) _mm256_stream_si256((__m256i *)(v[j] + half), value);
				else _mm256_storeu_si256((__m256i *)(v[j] + half), value);
			}
		}
	}
	asm volatile("" :: "x"(sum));
	if (around) _mm_sfence();
}

#define CASE(reads, writes)                              \
	case 2 * (10 * reads + writes): move(p, reads, writes, 0); break; \
	case 2 * (10 * reads + writes) + 1: move(p, reads, writes, 1); break;

static void *work(void *piece_) {
	const piece *p = piece_;
	switch (2 * (10 * p->reads + p->writes) + p->around) {
	CASE(1, 0) CASE(1, 1)
	CASE(2, 0) CASE(2, 1) CASE(2, 2)
	CASE(3, 0) CASE(3, 1) CASE(3, 2) CASE(3, 3)
	CASE(4, 0) CASE(4, 1) CASE(4, 2) CASE(4, 3) CASE(4, 4)
	CASE(5, 0) CASE(5, 1) CASE(5, 2) CASE(5, 3) CASE(5, 4) CASE(5, 5)
	CASE(6, 0) CASE(6, 1) CASE(6, 2) CASE(6, 3) CASE(6, 4) CASE(6, 5) CASE(6, 6)
	CASE(7, 0) CASE(7, 1) CASE(7, 2) CASE(7, 3) CASE(7, 4) CASE(7, 5) CASE(7, 6) CASE(7, 7)
	}
	return 0;
}

static volatile long long zero = 0;

// run gives each of at most 64 threads one contiguous part.
static void run(int reads, int writes, int around, int threads, size_t size, char *v0, char *v1, char *v2, char *v3, char *v4, char *v5, char *v6) {
	pthread_t thread[64];
	piece p[64];
	size_t lines = size / LINE;
	for (int i = threads - 1; i >= 0; i--) {
		p[i] = (piece){reads, writes, around, {v0, v1, v2, v3, v4, v5, v6}, lines * i / threads * LINE, lines * (i + 1) / threads * LINE, zero};
		if (i > 0) pthread_create(&thread[i], 0, work, &p[i]);
	}
	work(&p[0]);
	for (int i = 1; i < threads; i++) pthread_join(thread[i], 0);
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// most is MOST.
const most = C.MOST

// Pass is one pass over Reads vectors, the first Writes of which are written as well.
type Pass struct{ Reads, Writes int }

// Bytes returns the bytes that the pass moves for each element of size bytes.
func (p Pass) Bytes(size int) int { return (p.Reads + p.Writes) * size }

// Around says whether what is written goes around the caches.
type Around bool

// Run makes the pass over the first Reads of some vectors of one length. Their elements stay the same. Elements after the last whole
// cache line are left out. Vectors must begin at a multiple of 32 bytes.
func Run[T float32 | float64](p Pass, around Around, threads int, vectors [][]T) {
	if p.Reads < 1 || p.Reads > most || p.Writes < 0 || p.Writes > p.Reads {
		panic(fmt.Sprintf("stream: no pass of %d reads and %d writes", p.Reads, p.Writes))
	}
	var at [most]*C.char
	for i, v := range vectors[:p.Reads] {
		at[i] = (*C.char)(unsafe.Pointer(unsafe.SliceData(v)))
	}
	flag := C.int(0)
	if around {
		flag = 1
	}
	size := len(vectors[0]) * int(unsafe.Sizeof(vectors[0][0]))
	C.run(C.int(p.Reads), C.int(p.Writes), flag, C.int(threads), C.size_t(size), at[0], at[1], at[2], at[3], at[4], at[5], at[6])
}
