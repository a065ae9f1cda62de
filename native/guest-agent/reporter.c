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
 * dom0 requests a report by writing the first node, and sets the balloon's target in the second. After a migration each
 * watch fires once, which requests a report for the new host: it knows none of the earlier ones.
 */
static const char *const watches[] = { "memory/xenballoon-ask", "memory/target" };

#define WATCHES (sizeof(watches) / sizeof(watches[0]))

/* xenstored may refuse writes for a moment (a live update, a full quota) or forever: retries become less frequent. */
#define FIRST_RETRY_MS 1000
#define LAST_RETRY_MS 60000

/* The longest wait for xenstored when the agent stops. */
#define LEAVE_MS 1000

static uint64_t milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static size_t format(char record[RECORD_SIZE], const struct sample *sample, uint64_t sequence, bool leaving)
{
	const struct stamp stamp = {
		.sequence = sequence,
		.leaving = leaving,
		.uptime_ms = milliseconds(CLOCK_BOOTTIME),
		.time_s = milliseconds(CLOCK_REALTIME) / 1000,
	};

	return format_record(record, sample, &stamp);
}

bool reporter_print(const struct kernel *kernel)
{
	char record[RECORD_SIZE];
	struct sample sample;

	if (!kernel_read(kernel, &sample))
		return false;
	kernel_read_rest(kernel, &sample);
	format(record, &sample, 1, false);
	return puts(record) >= 0 && fflush(stdout) == 0;
}

static bool watch_next(struct reporter *reporter)
{
	reporter->setting_watch = true;
	return xenbus_watch(&reporter->bus, watches[reporter->watches_set++]);
}

static bool send(struct reporter *reporter, struct sample *sample, enum report_reason reason, uint64_t now_ms)
{
	char record[RECORD_SIZE];
	size_t length;

	kernel_read_rest(&reporter->kernel, sample);
	length = format(record, sample, ++reporter->sequence, false);
	pace_wrote(&reporter->pace, sample, reason, now_ms);
	reporter->setting_watch = false;
	return xenbus_write(&reporter->bus, LEAF, record, length);
}

/* The time until the next retry; 0 if the last report was accepted. */
static uint64_t retry_in_ms(const struct reporter *reporter, uint64_t now_ms)
{
	return reporter->retry_ms > now_ms ? reporter->retry_ms - now_ms : 0;
}

/* Samples memory and sends a report if one is due. While a request is pending, this is left to the next call. */
static bool report_if_due(struct reporter *reporter)
{
	uint64_t now_ms = milliseconds(CLOCK_MONOTONIC);
	struct sample sample;
	enum report_reason reason;

	if (reporter->bus.waiting)
		return true;
	if (reporter->watches_set < WATCHES)
		return watch_next(reporter);
	if (retry_in_ms(reporter, now_ms) > 0)
		return true;
	if (!kernel_read(&reporter->kernel, &sample))
		return false;
	reason = pace_decide(&reporter->pace, &sample, now_ms);
	return reason == NOT_NOW || send(reporter, &sample, reason, now_ms);
}

static void handle_reply(struct reporter *reporter, bool refused)
{
	if (reporter->setting_watch) {
		if (refused)
			fprintf(stderr, "xenballoon-agent: xenstore refuses a watch (%s): continuing without it\n",
			        reporter->bus.error);
		return;
	}
	if (!refused) {
		if (reporter->backoff_ms)
			fprintf(stderr, "xenballoon-agent: xenstore accepts reports again\n");
		reporter->backoff_ms = reporter->retry_ms = 0;
		return;
	}
	if (!reporter->backoff_ms)
		fprintf(stderr, "xenballoon-agent: xenstore refuses " LEAF " (%s): retrying, finally once a minute\n",
		        reporter->bus.error);
	if (!reporter->backoff_ms)
		reporter->backoff_ms = FIRST_RETRY_MS;
	else if (reporter->backoff_ms < LAST_RETRY_MS / 2)
		reporter->backoff_ms *= 2;
	else
		reporter->backoff_ms = LAST_RETRY_MS;
	reporter->retry_ms = milliseconds(CLOCK_MONOTONIC) + reporter->backoff_ms;
	pace_refused(&reporter->pace);
}

/* Handles everything that xenstored has sent. */
static bool receive(struct reporter *reporter)
{
	for (;;) {
		switch (xenbus_receive(&reporter->bus)) {
		case XENBUS_NOTHING:
			return true;
		case XENBUS_DONE:
			handle_reply(reporter, false);
			break;
		case XENBUS_REFUSED:
			handle_reply(reporter, true);
			break;
		case XENBUS_CHANGED:
			reporter->pace.requested = true;
			break;
		case XENBUS_BROKEN:
			return false;
		}
	}
}

/* Waits for the reply to the pending request, if there is one. */
static bool settle(struct reporter *reporter)
{
	uint64_t deadline_ms = milliseconds(CLOCK_MONOTONIC) + LEAVE_MS;

	while (reporter->bus.waiting) {
		struct pollfd polled = { .fd = reporter->bus.fd, .events = POLLIN };
		uint64_t now_ms = milliseconds(CLOCK_MONOTONIC);

		if (now_ms >= deadline_ms)
			return false;
		if (poll(&polled, 1, (int)(deadline_ms - now_ms)) < 0 && errno != EINTR)
			return false;
		if (polled.revents && !receive(reporter))
			return false;
	}
	return true;
}

/*
 * libxl creates a guest that reboots with the target that it leaves with, so dom0 gives it its boot memory back before
 * that. The agent cannot tell a shutdown from the end of its service: its next report revokes this one.
 */
static void announce_leaving(struct reporter *reporter)
{
	char record[RECORD_SIZE];
	struct sample sample;

	if (!settle(reporter) || !kernel_read(&reporter->kernel, &sample))
		return;
	kernel_read_rest(&reporter->kernel, &sample);
	reporter->setting_watch = false;
	if (xenbus_write(&reporter->bus, LEAF, record, format(record, &sample, ++reporter->sequence, true)))
		settle(reporter);
}

/* The time until the next sample or request. */
static int until_next_ms(const struct reporter *reporter)
{
	uint64_t now_ms = milliseconds(CLOCK_MONOTONIC), retry_ms = retry_in_ms(reporter, now_ms);

	if (reporter->watches_set < WATCHES)
		return 0;
	return retry_ms ? (int)retry_ms : pace_sleep_ms(&reporter->pace, now_ms);
}

bool reporter_run(struct reporter *reporter, const volatile sig_atomic_t *stop, const sigset_t *waiting)
{
	while (!*stop) {
		struct pollfd polled[] = {
			{ .fd = reporter->bus.fd, .events = POLLIN },
			{ .fd = reporter->kernel.trigger, .events = POLLPRI }, /* ignored if -1 */
		};
		int sleep_ms = until_next_ms(reporter);
		struct timespec timeout = { sleep_ms / 1000, sleep_ms % 1000 * 1000000L };

		if (reporter->bus.waiting)
			polled[1].fd = -1;
		if (ppoll(polled, 2, reporter->bus.waiting ? NULL : &timeout, waiting) < 0 && errno != EINTR)
			return false;
		if (polled[1].revents & (POLLERR | POLLNVAL))
			kernel_close_trigger(&reporter->kernel);
		if ((polled[0].revents && !receive(reporter)) || !report_if_due(reporter))
			return false;
	}
	announce_leaving(reporter);
	return true;
}
