/*
 * The guest's work: an anonymous working set. It is touched completely about once in PASS_SECONDS, so that swapped
 * pages are swapped in again. A small part is freed and filled again.
 */
#include <string.h>
#include <sys/mman.h>

#include "guest.h"

#define PASS_SECONDS 2
/* The working set grows faster than the balloon, so that the guest lacks memory for a while and swaps. */
#define GROWTH_MIB_PER_SECOND 100
/* The part that is freed and filled again in each pass: without allocations the work would need no free memory. */
#define CHURN_MIB 4
/* 1/FILLED_PART of each page is noise, the rest zero: zram compresses it to about a quarter. */
#define FILLED_PART 4
#define NOISE_WORDS 8192
#define NOISE_STEP 131

static uint64_t noise(void)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

void fill(uint64_t *page)
{
	/* Computed once, because it is slow. Each page gets another part of it. */
	static uint64_t pool[NOISE_WORDS];
	static uint64_t at;

	if (pool[0] == 0)
		for (int i = 0; i < NOISE_WORDS; i++)
			pool[i] = noise();
	at = (at + NOISE_STEP) % (NOISE_WORDS - PAGE / 8 / FILLED_PART);
	memcpy(page, pool + at, PAGE / FILLED_PART);
}

static void churn(char *area, uint64_t length)
{
	madvise(area, length, MADV_DONTNEED);
	for (uint64_t at = 0; at < length; at += PAGE)
		fill((uint64_t *)(area + at));
}

void work(struct shared *s)
{
	/* Address space for more memory than any test guest has; only touched pages use memory. */
	const uint64_t room = 4096ULL * MIB;
	char *area = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t held = 0, next = 0, before = milliseconds();

	if (area == MAP_FAILED) {
		complain("worker: mmap");
		return;
	}
	for (;;) {
		uint64_t elapsed = next_tick(&before), want = s->want_mib * MIB;
		uint64_t grown = held + pages_in(elapsed, GROWTH_MIB_PER_SECOND) * PAGE;
		uint64_t touch = held / PAGE * elapsed / (PASS_SECONDS * 1000) + 1;

		if (want > room)
			want = room;
		if (held > want) {
			madvise(area + want, held - want, MADV_DONTNEED);
			held = want;
		}
		for (; held < want && held < grown; held += PAGE)
			fill((uint64_t *)(area + held));
		s->held_mib = held / MIB;
		for (; touch > 0 && held > 0; touch--) {
			if (next >= held) {
				next = 0;
				s->passes++;
				churn(area, held < CHURN_MIB * MIB ? held : CHURN_MIB * MIB);
			}
			++*(volatile uint64_t *)(area + next);
			next += PAGE;
		}
	}
}
