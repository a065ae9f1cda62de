/* Decides when to report: at once when it matters, once more when memory use settles, and else at heartbeats. Pure. */
#ifndef XENBALLOON_PACE_H
#define XENBALLOON_PACE_H

#include <stdbool.h>

#include "sample.h"

enum report_reason {
	NOT_NOW,
	STARTED,   /* nothing was reported yet, or the last report was refused */
	REQUESTED, /* dom0 requested a report, or the guest has migrated */
	PRESSED,   /* tasks wait for memory */
	MOVED,     /* the amount of memory, or of available memory, has changed */
	SETTLED,   /* memory use has stopped changing */
	HEARTBEAT, /* nothing has changed for the heartbeat's time */
};

struct pace {
	uint64_t heartbeat_ms;
	struct sample written, rest; /* the last report; the sample that changes are measured from */
	uint64_t written_ms, moved_ms, earned_ms;
	unsigned writes_left;
	bool reported, settled, requested;
};

void pace_start(struct pace *pace, uint64_t heartbeat_ms);

/* Decides whether to report the current sample, and why. */
enum report_reason pace_decide(struct pace *pace, const struct sample *now, uint64_t now_ms);

/* Records that the sample was sent. */
void pace_wrote(struct pace *pace, const struct sample *sent, enum report_reason reason, uint64_t now_ms);

/* Records that xenstored refused the last report. */
void pace_refused(struct pace *pace);

/* The time until the next sample, in ms. */
int pace_sleep_ms(const struct pace *pace, uint64_t now_ms);

#endif
