/* When is a report worth a write? At once when it matters, once more when things have come to rest, and seldom otherwise. Pure. */
#ifndef XENBALLOON_PACE_H
#define XENBALLOON_PACE_H

#include <stdbool.h>

#include "sample.h"

enum why {
	NOT_NOW,
	STARTED,   /* nothing has been said yet */
	ASKED,     /* dom0 asked, or this guest has come to another host */
	PRESSED,   /* somebody in the guest waits for memory */
	MOVED,     /* another amount is available, or there is another amount of memory */
	SETTLED,   /* nothing moves any more: this is what the guest needs */
	HEARTBEAT, /* nothing is new, but this guest lives */
};

struct pace {
	uint64_t heartbeat_ms;
	struct sample written, rest; /* what was said last; where things last moved away from */
	uint64_t written_ms, moved_ms, earned_ms;
	unsigned writes_left;
	bool said, settled, asked;
};

void pace_start(struct pace *pace, uint64_t heartbeat_ms);

/* Takes a sample of now and says whether to write it, and why. */
enum why pace_decide(struct pace *pace, const struct sample *now, uint64_t now_ms);

/* The sample was sent. */
void pace_wrote(struct pace *pace, const struct sample *sent, enum why why, uint64_t now_ms);

/* The last report was refused: nothing of it has been said. */
void pace_refused(struct pace *pace);

/* For how long to sleep until the next sample, in ms. */
int pace_sleep_ms(const struct pace *pace, uint64_t now_ms);

#endif
