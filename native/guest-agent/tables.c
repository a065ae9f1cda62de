#include "tables.h"

#include <stdbool.h>
#include <string.h>

/* Any number of 18 digits fits in 64 bits. */
#define MOST_DIGITS 18

#define KEYS(keys) (sizeof(keys) / sizeof((keys)[0]))

struct key {
	const char *name;
	uint64_t *value;
};

/* Returns the end of the line. NULL if the line was cut off by the buffer: its number may be incomplete. */
static const char *line_end(const char *at, const char *end)
{
	return memchr(at, '\n', (size_t)(end - at));
}

/* Returns the number at AT; ignores what follows its digits. */
static uint64_t number(const char *at, const char *end)
{
	uint64_t value = 0;
	int digits = 0;

	while (at < end && *at >= '0' && *at <= '9' && digits <= MOST_DIGITS) {
		value = value * 10 + (uint64_t)(*at++ - '0');
		digits++;
	}
	return digits == 0 || digits > MOST_DIGITS ? UNKNOWN : value;
}

/* Returns the end of NAME at AT, or NULL if AT does not start with NAME. */
static const char *after(const char *at, const char *end, const char *name)
{
	size_t length = strlen(name);

	return (size_t)(end - at) >= length && memcmp(at, name, length) == 0 ? at + length : NULL;
}

/* Reads lines "name: 123 kB" or "name 123". The first line of each name counts. */
static void read_table(const char *text, size_t length, const struct key *keys, size_t count)
{
	const char *end = text + length, *next;

	for (size_t i = 0; i < count; i++)
		*keys[i].value = UNKNOWN;
	for (const char *line = text; line < end && (next = line_end(line, end)); line = next + 1) {
		for (size_t i = 0; i < count; i++) {
			const char *at = after(line, next, keys[i].name);

			if (!at || at == next || (*at != ':' && *at != ' ') || *keys[i].value != UNKNOWN)
				continue;
			while (at < next && (*at == ':' || *at == ' '))
				at++;
			*keys[i].value = number(at, next);
			break;
		}
	}
}

/* The kernel does not sample its counters at the same instant, so a part may exceed its whole slightly. */
static uint64_t difference(uint64_t whole, uint64_t part)
{
	if (whole == UNKNOWN || part == UNKNOWN)
		return UNKNOWN;
	return part < whole ? whole - part : 0;
}

void read_meminfo(const char *text, size_t length, struct sample *sample)
{
	uint64_t *value = sample->value, cached, buffers, swap_free;
	/* clang-format off */
	const struct key keys[] = {
		{ "MemTotal", &value[TOTAL_KIB] },
		{ "MemFree", &value[FREE_KIB] },
		{ "MemAvailable", &value[AVAILABLE_KIB] },
		{ "Buffers", &buffers },
		{ "Cached", &cached },
		{ "SwapTotal", &value[SWAP_KIB] },
		{ "SwapFree", &swap_free },
		{ "AnonPages", &value[ANON_KIB] },
		{ "Shmem", &value[SHMEM_KIB] },
		{ "SUnreclaim", &value[SLAB_KIB] },
		{ "Committed_AS", &value[COMMITTED_KIB] },
	};
	/* clang-format on */

	read_table(text, length, keys, KEYS(keys));
	value[SWAPPED_KIB] = difference(value[SWAP_KIB], swap_free);
	/* Cached includes shared memory, which belongs to no file. */
	value[FILE_KIB] =
		cached == UNKNOWN || buffers == UNKNOWN ? UNKNOWN : difference(cached + buffers, value[SHMEM_KIB]);
	/* Kernels before 3.14 lack MemAvailable. Use free memory: how much of the cache is needed is unknown. */
	if (value[AVAILABLE_KIB] == UNKNOWN)
		value[AVAILABLE_KIB] = value[FREE_KIB];
	if (value[AVAILABLE_KIB] > value[TOTAL_KIB])
		value[AVAILABLE_KIB] = value[TOTAL_KIB];
}

void read_vmstat(const char *text, size_t length, struct sample *sample)
{
	uint64_t *value = sample->value, old, anon, file;
	/* clang-format off */
	const struct key keys[] = {
		{ "pswpin", &value[SWAPINS] },
		{ "pgmajfault", &value[MAJFAULTS] },
		/* Linux 4.13 and later; counts the kills of memory cgroups too. */
		{ "oom_kill", &value[OOM_KILLS] },
		{ "workingset_refault", &old },
		{ "workingset_refault_anon", &anon },
		{ "workingset_refault_file", &file },
	};
	/* clang-format on */

	read_table(text, length, keys, KEYS(keys));
	/* Kernels before 5.9 have one counter for both. */
	value[REFAULTS] = anon == UNKNOWN || file == UNKNOWN ? old : anon + file;
}

/* Reads "12.34" as hundredths. */
static uint64_t hundredths(const char *at, const char *end)
{
	uint64_t whole = number(at, end), part;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	if (whole > 100 || end - at < 3 || *at != '.')
		return UNKNOWN;
	part = number(at + 1, at + 3);
	return part > 99 || whole * 100 + part > 10000 ? UNKNOWN : whole * 100 + part;
}

/* Reads the line "KIND avg10=0.12 avg60=0.00 avg300=0.00 total=345". BP and US may be NULL. */
static void read_pressure(const char *text, size_t length, const char *kind, uint64_t *bp, uint64_t *us)
{
	const char *end = text + length, *next;

	if (bp)
		*bp = UNKNOWN;
	if (us)
		*us = UNKNOWN;
	for (const char *line = text; line < end && (next = line_end(line, end)); line = next + 1) {
		const char *at = after(line, next, kind);

		if (!at)
			continue;
		for (; at < next; at++) {
			const char *found;

			if (*at != ' ')
				continue;
			if (bp && (found = after(at, next, " avg10=")))
				*bp = hundredths(found, next);
			else if (us && (found = after(at, next, " total=")))
				*us = number(found, next);
		}
		return;
	}
}

void read_memory_pressure(const char *text, size_t length, struct sample *sample)
{
	read_pressure(text, length, "some", &sample->value[SOME_BP], &sample->value[SOME_US]);
	read_pressure(text, length, "full", &sample->value[FULL_BP], &sample->value[FULL_US]);
}

void read_io_pressure(const char *text, size_t length, struct sample *sample)
{
	read_pressure(text, length, "some", &sample->value[IO_BP], NULL);
}

void read_balloon(const char *text, size_t length, struct sample *sample)
{
	sample->value[BALLOON_KIB] = number(text, text + length);
}
