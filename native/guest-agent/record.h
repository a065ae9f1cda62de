/* The record in data/xenballoon: one line of ASCII "key=value" pairs, as xenballoon-agent(8) tells. Pure. */
#ifndef XENBALLOON_RECORD_H
#define XENBALLOON_RECORD_H

#include <stddef.h>

#include "sample.h"

/* The most that readers take, with the final NUL, which is not written to xenstore. */
#define RECORD_ROOM 513

struct stamp {
	uint64_t sequence;  /* from 1, with each record; starts anew with the agent */
	uint64_t uptime_ms; /* since the guest's boot */
	uint64_t time_s;    /* the guest's own clock, for people */
};

/* Writes the record; returns its length. What is unknown, and what finds no room, is left out. */
size_t format_record(char record[RECORD_ROOM], const struct sample *sample, const struct stamp *stamp);

#endif
