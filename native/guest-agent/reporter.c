#define _GNU_SOURCE
#include "reporter.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "record.h"

#define LEAF "data/xenballoon"

/*
 * What wakes us: dom0 asks by writing the first. The second, written when the balloon is told to move, is there for the event that every watch brings
 * when a guest wakes up on another host, where nothing of what was said before is known; one of them must be there for that.
 */
static const char *const watches[] = { "memory/xenballoon-ask", "memory/target" };

#define WATCHES (sizeof(watches) / sizeof(watches[0]))

/* xenstore may refuse for a moment (a live update, a full quota) or for as long as this guest runs: tried again soon at first, and then ever more seldom. */
#define FIRST_RETRY_MS 1000
#define LAST_RETRY_MS 60000

static uint64_t milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static size_t describe(char record[RECORD_ROOM], const struct sample *sample, uint64_t sequence)
{
	const struct stamp stamp = {
		.sequence = sequence,
		.uptime_ms = milliseconds(CLOCK_BOOTTIME),
		.time_s = milliseconds(CLOCK_REALTIME) / 1000,
	};

	return format_record(record, sample, &stamp);
}

bool reporter_print(const struct kernel *kernel)
{
	char record[RECORD_ROOM];
	struct sample sample;

	if (!kernel_look(kernel, &sample))
		return false;
	kernel_look_closely(kernel, &sample);
	describe(record, &sample, 1);
	return puts(record) >= 0 && fflush(stdout) == 0;
}

static bool watch_next(struct reporter *reporter)
{
	reporter->watching = true;
	return xenbus_watch(&reporter->bus, watches[reporter->watched++]);
}

static bool send(struct reporter *reporter, struct sample *sample, enum why why, uint64_t now_ms)
{
	char record[RECORD_ROOM];
	size_t length;

	kernel_look_closely(&reporter->kernel, sample);
	length = describe(record, sample, ++reporter->sequence);
	pace_wrote(&reporter->pace, sample, why, now_ms);
	reporter->watching = false;
	return xenbus_write(&reporter->bus, LEAF, record, length);
}

/* How long not to try again, as the last report was refused; 0 when it was taken. */
static uint64_t refused_for_ms(const struct reporter *reporter, uint64_t now_ms)
{
	return reporter->retry_ms > now_ms ? reporter->retry_ms - now_ms : 0;
}

/* Looks at memory, and sends what is worth it; a line that is busy is a reason to look again later. */
static bool look(struct reporter *reporter)
{
	uint64_t now_ms = milliseconds(CLOCK_MONOTONIC);
	struct sample sample;
	enum why why;

	if (reporter->bus.waiting)
		return true;
	if (reporter->watched < WATCHES)
		return watch_next(reporter);
	if (refused_for_ms(reporter, now_ms) > 0)
		return true;
	if (!kernel_look(&reporter->kernel, &sample))
		return false;
	why = pace_decide(&reporter->pace, &sample, now_ms);
	return why == NOT_NOW || send(reporter, &sample, why, now_ms);
}

static void answered(struct reporter *reporter, bool refused)
{
	if (reporter->watching) {
		if (refused)
			fprintf(stderr, "xenballoon-agent: xenstore refuses a watch (%s): reports go on without it\n", reporter->bus.error);
		return;
	}
	if (!refused) {
		if (reporter->backoff_ms)
			fprintf(stderr, "xenballoon-agent: xenstore takes reports again\n");
		reporter->backoff_ms = reporter->retry_ms = 0;
		return;
	}
	if (!reporter->backoff_ms)
		fprintf(stderr, "xenballoon-agent: xenstore refuses " LEAF " (%s): trying again, in the end once a minute\n", reporter->bus.error);
	reporter->backoff_ms = !reporter->backoff_ms ? FIRST_RETRY_MS : reporter->backoff_ms < LAST_RETRY_MS / 2 ? reporter->backoff_ms * 2 : LAST_RETRY_MS;
	reporter->retry_ms = milliseconds(CLOCK_MONOTONIC) + reporter->backoff_ms;
	pace_refused(&reporter->pace);
}

/* Takes all that has come from xenstore. */
static bool receive(struct reporter *reporter)
{
	for (;;) {
		switch (xenbus_receive(&reporter->bus)) {
		case XENBUS_NOTHING:
			return true;
		case XENBUS_DONE:
			answered(reporter, false);
			break;
		case XENBUS_REFUSED:
			answered(reporter, true);
			break;
		case XENBUS_CHANGED:
			reporter->pace.asked = true;
			break;
		case XENBUS_BROKEN:
			return false;
		}
	}
}

bool reporter_run(struct reporter *reporter, const volatile sig_atomic_t *stop, const sigset_t *waiting)
{
	while (!*stop) {
		struct pollfd polled[] = {
			{ .fd = reporter->bus.fd, .events = POLLIN },
			{ .fd = reporter->kernel.trigger, .events = POLLPRI }, /* -1 is passed over */
		};
		uint64_t now_ms = milliseconds(CLOCK_MONOTONIC), refused_ms = refused_for_ms(reporter, now_ms);
		int sleep_ms = reporter->watched < WATCHES ? 0 : refused_ms ? (int)refused_ms : pace_sleep_ms(&reporter->pace, now_ms);
		struct timespec timeout = { sleep_ms / 1000, sleep_ms % 1000 * 1000000L };

		if (reporter->bus.waiting)
			polled[1].fd = -1;
		if (ppoll(polled, 2, reporter->bus.waiting ? NULL : &timeout, waiting) < 0 && errno != EINTR)
			return false;
		if (polled[1].revents & (POLLERR | POLLNVAL))
			kernel_give_up_trigger(&reporter->kernel);
		if ((polled[0].revents && !receive(reporter)) || !look(reporter))
			return false;
	}
	return true;
}
