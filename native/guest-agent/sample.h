/* The values of a report, in the order in which they are written. */
#ifndef XENBALLOON_SAMPLE_H
#define XENBALLOON_SAMPLE_H

#include <stdint.h>

/* The kernel does not provide the value. */
#define UNKNOWN UINT64_MAX

/*
 * KIB: sizes. US: microseconds of stalls since boot. BP: the share of the last 10 s in stalls, in 1/100 %.
 * The others are counters since boot.
 */
enum value {
	TOTAL_KIB,
	AVAILABLE_KIB,
	FREE_KIB,
	ANON_KIB,
	FILE_KIB,
	SHMEM_KIB,
	SLAB_KIB,
	SWAP_KIB,
	SWAPPED_KIB,
	COMMITTED_KIB,
	BALLOON_KIB,
	REFAULTS,
	MAJFAULTS,
	SWAPINS,
	OOM_KILLS,
	SOME_BP,
	SOME_US,
	FULL_BP,
	FULL_US,
	IO_BP,
	VALUES
};

struct sample {
	uint64_t value[VALUES];
};

#endif
