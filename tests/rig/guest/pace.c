#include <time.h>

#include "guest.h"

#define TICK_MS 20
#define MAX_STEP_MS 200

static uint64_t milliseconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t milliseconds(void)
{
	return milliseconds_of(CLOCK_MONOTONIC);
}

uint64_t uptime_ms(void)
{
	return milliseconds_of(CLOCK_BOOTTIME);
}

uint64_t next_tick(uint64_t *before)
{
	const struct timespec tick = { 0, TICK_MS * 1000000 };
	uint64_t now, elapsed;

	nanosleep(&tick, NULL);
	/* Measured by the clock, because under load a sleep takes longer. */
	now = milliseconds();
	elapsed = now - *before;
	*before = now;
	return elapsed < MAX_STEP_MS ? elapsed : MAX_STEP_MS;
}

uint64_t pages_in(uint64_t elapsed, uint64_t mib_per_second)
{
	return elapsed * mib_per_second * MIB / 1000 / PAGE;
}
