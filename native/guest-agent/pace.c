#include "pace.h"

#include <string.h>

/* The shortest time between reports; on request; and when memory becomes available. */
#define SPACING_MS 250
#define REQUESTED_SPACING_MS 50
#define RELIEF_SPACING_MS 1000
#define SETTLING_MS 1500
#define ACTIVE_MS 3000

/* How often memory is sampled: while its use changes, and while it does not. */
#define ACTIVE_TICK_MS 100
#define QUIET_TICK_MS 250

/* At most MOST_WRITES reports in a row at SPACING_MS, then one each EARN_MS: this bounds the load on dom0. */
#define MOST_WRITES 8
#define EARN_MS 1000

/* A change by 1/STEP_PART of all memory is reported. */
#define STEP_PART 256
#define LEAST_STEP_KIB 4096
#define MOST_STEP_KIB 65536

/* Stalls of less than 10 ms since the last report are not reported. */
#define STALL_US 10000

void pace_start(struct pace *pace, uint64_t heartbeat_ms)
{
	memset(pace, 0, sizeof(*pace));
	pace->heartbeat_ms = heartbeat_ms;
	pace->writes_left = MOST_WRITES;
}

static uint64_t step_kib(const struct sample *now)
{
	uint64_t step = now->value[TOTAL_KIB] / STEP_PART;

	return step < LEAST_STEP_KIB ? LEAST_STEP_KIB : step < MOST_STEP_KIB ? step : MOST_STEP_KIB;
}

/* UNKNOWN differs from every amount, and equals itself. */
static bool differs(const struct sample *a, const struct sample *b, enum value which, uint64_t step)
{
	uint64_t x = a->value[which], y = b->value[which];

	return x > y ? x - y > step : y - x > step;
}

static bool moved(const struct sample *from, const struct sample *now, uint64_t step)
{
	return differs(from, now, AVAILABLE_KIB, step) || differs(from, now, TOTAL_KIB, step) ||
		differs(from, now, SWAPPED_KIB, step) || differs(from, now, SWAP_KIB, step);
}

/* The memory in use. Negative if the available memory is unknown. */
static int64_t used_kib(const struct sample *sample)
{
	return (int64_t)(sample->value[TOTAL_KIB] - sample->value[AVAILABLE_KIB]);
}

/*
 * Freed memory is not urgent, and dom0 knows what the balloon took. Reporting each such step would use up the writes,
 * and a need that arises meanwhile would be reported a second late.
 */
static bool is_relief(const struct sample *from, const struct sample *now)
{
	return used_kib(now) <= used_kib(from) && now->value[SWAPPED_KIB] <= from->value[SWAPPED_KIB];
}

static void earn(struct pace *pace, uint64_t now_ms)
{
	while (pace->writes_left < MOST_WRITES && now_ms - pace->earned_ms >= EARN_MS) {
		pace->writes_left++;
		pace->earned_ms += EARN_MS;
	}
	if (pace->writes_left == MOST_WRITES)
		pace->earned_ms = now_ms;
}

enum report_reason pace_decide(struct pace *pace, const struct sample *now, uint64_t now_ms)
{
	uint64_t since = now_ms - pace->written_ms, step = step_kib(now);
	const struct sample *written = &pace->written;

	if (!pace->reported) {
		pace->rest = *now;
		pace->moved_ms = now_ms;
		return STARTED;
	}
	earn(pace, now_ms);
	if (moved(&pace->rest, now, step / 4)) {
		pace->rest = *now;
		pace->moved_ms = now_ms;
	}
	if (pace->requested && since >= REQUESTED_SPACING_MS)
		return REQUESTED;
	if (since >= SPACING_MS && pace->writes_left > 0) {
		/* A counter that decreased shows a kernel that was restarted. */
		if (differs(written, now, SOME_US, STALL_US))
			return PRESSED;
		if (moved(written, now, step) && (since >= RELIEF_SPACING_MS || !is_relief(written, now)))
			return MOVED;
	}
	if (!pace->settled && now_ms - pace->moved_ms >= SETTLING_MS && since >= SETTLING_MS)
		return SETTLED;
	return since >= pace->heartbeat_ms ? HEARTBEAT : NOT_NOW;
}

void pace_wrote(struct pace *pace, const struct sample *sent, enum report_reason reason, uint64_t now_ms)
{
	pace->reported = true;
	pace->written = *sent;
	pace->written_ms = now_ms;
	if (pace->writes_left > 0 && (reason == MOVED || reason == PRESSED))
		pace->writes_left--;
	if (reason != HEARTBEAT)
		pace->settled = reason == SETTLED;
	/* Any report answers a request. */
	pace->requested = false;
}

void pace_refused(struct pace *pace)
{
	pace->reported = false;
}

int pace_sleep_ms(const struct pace *pace, uint64_t now_ms)
{
	return !pace->settled || now_ms - pace->moved_ms < ACTIVE_MS ? ACTIVE_TICK_MS : QUIET_TICK_MS;
}
