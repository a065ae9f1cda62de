/* The record in data/xenballoon: a line of ASCII "key=value" pairs, described in xenballoon-agent(8). Pure. */
#ifndef XENBALLOON_RECORD_H
#define XENBALLOON_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "sample.h"

/* The largest record that readers accept, plus the final NUL, which is not written to xenstore. */
#define RECORD_SIZE 513

struct stamp {
	uint64_t sequence;  /* counts records, from 1 at the agent's start */
	uint64_t uptime_ms; /* since the guest's boot */
	uint64_t time_s;    /* the guest's clock, for readers of the record */
	bool leaving;       /* whether the agent stops, as when the guest shuts down */
};

/* Formats the record and returns its length. Omits unknown values, and values that do not fit. */
size_t format_record(char record[RECORD_SIZE], const struct sample *sample, const struct stamp *stamp);

#endif
