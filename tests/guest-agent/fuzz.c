/*
 * Runs the agent's parsers of the kernel's tables, and of messages from xenstored, on invalid inputs. Built with
 * AddressSanitizer and UndefinedBehaviorSanitizer, which end it at any access beyond an input.
 *
 *   fuzz INPUTS [SEED]
 *
 * Each input is a valid text, changed at a few places, in a block of memory of exactly its size.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pace.h"
#include "record.h"
#include "tables.h"
#include "xenbus.h"

#define MOST_CHANGES 8
#define LONGEST 4096

static const char meminfo[] = "MemTotal:       24684084 kB\nMemFree:        22130456 kB\nMemAvailable:   23707092 kB\n"
			      "Buffers:          123456 kB\nCached:          1716928 kB\nSwapCached:            0 kB\n"
			      "AnonPages:        312292 kB\nShmem:            176932 kB\nSUnreclaim:        32060 kB\n"
			      "SwapTotal:       1000000 kB\nSwapFree:         900000 kB\nCommitted_AS:    1219648 kB\n";
static const char vmstat[] =
	"nr_free_pages 5532614\nworkingset_refault_anon 12\nworkingset_refault_file 1802022\nworkingset_refault 3\n"
	"pswpin 4\npswpout 5\npgmajfault 14958\n";
static const char pressure[] =
	"some avg10=12.34 avg60=0.00 avg300=0.00 total=123456\nfull avg10=100.00 avg60=0.00 avg300=0.00 total=99999\n";
static const char balloon[] = "262144\n";

static const struct {
	const char *text;
	size_t length;
	void (*read)(const char *, size_t, struct sample *);
	enum value first, last;
} tables[] = {
	{ meminfo, sizeof(meminfo) - 1, read_meminfo, TOTAL_KIB, COMMITTED_KIB },
	{ vmstat, sizeof(vmstat) - 1, read_vmstat, REFAULTS, SWAPINS },
	{ pressure, sizeof(pressure) - 1, read_memory_pressure, SOME_BP, FULL_US },
	{ pressure, sizeof(pressure) - 1, read_io_pressure, IO_BP, IO_BP },
	{ balloon, sizeof(balloon) - 1, read_balloon, BALLOON_KIB, BALLOON_KIB },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static uint64_t state;

static uint64_t noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t bound)
{
	return (size_t)(noise() % bound);
}

/* Mutates a text at a few places; returns its new length. */
static size_t change(char text[LONGEST], size_t length)
{
	static const char characters[] = "0123456789 :=.\n\t-+\0\xff";

	for (size_t changes = below(MOST_CHANGES); changes > 0; changes--) {
		size_t at = length ? below(length) : 0, span = below(16);

		switch (below(5)) {
		case 0: /* another character */
			if (length)
				text[at] = characters[below(sizeof(characters))];
			break;
		case 1: /* any byte */
			if (length)
				text[at] = (char)noise();
			break;
		case 2: /* cut off */
			length = at;
			break;
		case 3: /* characters removed */
			if (at + span < length) {
				memmove(text + at, text + at + span, length - at - span);
				length -= span;
			}
			break;
		default: /* characters repeated */
			if (at + span <= length && length + span <= LONGEST) {
				memmove(text + at + span, text + at, length - at);
				length += span;
			}
		}
	}
	return length;
}

static void fail(const char *what, const char *input, size_t length)
{
	printf("fuzz: %s: ", what);
	for (size_t i = 0; i < length; i++)
		printf(input[i] >= ' ' && input[i] <= '~' ? "%c" : "\\x%02x", (unsigned char)input[i]);
	printf("\n");
	exit(1);
}

static void try_table(struct sample *sample)
{
	static char text[LONGEST];
	size_t which = below(TABLES), length = tables[which].length;
	char *exact;

	memcpy(text, tables[which].text, length);
	length = change(text, length);
	exact = malloc(length + !length);
	if (!exact)
		exit(2);
	memcpy(exact, text, length);
	tables[which].read(exact, length, sample);
	for (enum value value = tables[which].first; value <= tables[which].last; value++) {
		if (sample->value[value] != UNKNOWN && sample->value[value] > 4 * UINT64_C(1000000000000000000))
			fail("number of more than 18 digits", text, length);
	}
	if (tables[which].read == read_meminfo && sample->value[TOTAL_KIB] != UNKNOWN &&
	    sample->value[AVAILABLE_KIB] != UNKNOWN && sample->value[AVAILABLE_KIB] > sample->value[TOTAL_KIB])
		fail("more available than total memory", text, length);
	if (sample->value[SOME_BP] != UNKNOWN && sample->value[SOME_BP] > 10000)
		fail("stall of more than 100 percent", text, length);
	free(exact);
}

/* Any sample gives a valid record. */
static void try_record(const struct sample *sample)
{
	char record[RECORD_SIZE];
	const struct stamp stamp = { noise(), noise() >> below(64), noise() >> below(64), below(2) };
	size_t length = format_record(record, sample, &stamp);

	if (length >= RECORD_SIZE || strlen(record) != length || strncmp(record, "v=1 seq=", 8) != 0 ||
	    record[length - 1] == ' ')
		fail("invalid record", record, length < RECORD_SIZE ? length : RECORD_SIZE);
}

static void try_pace(struct pace *pace, const struct sample *sample, uint64_t now_ms)
{
	enum report_reason reason = pace_decide(pace, sample, now_ms);

	if (reason != NOT_NOW)
		pace_wrote(pace, sample, reason, now_ms);
	if (pace_sleep_ms(pace, now_ms) < 1)
		fail("sleep of less than 1 ms", "", 0);
}

/* A stream of random bytes ends in an error or is used up; it never blocks. */
static void try_stream(void)
{
	struct xenbus bus = { .waiting = true };
	uint32_t header[] = { below(20), below(4), 0, (uint32_t)(below(8) ? below(5000) : noise()) };
	static char payload[LONGEST];
	int ends[2];
	size_t length = below(sizeof(payload));

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
		exit(2);
	bus.fd = ends[0];
	for (size_t i = 0; i < length; i++)
		payload[i] = (char)noise();
	if (write(ends[1], header, below(8) ? sizeof(header) : below(sizeof(header))) < 0 ||
	    write(ends[1], payload, length) < 0)
		exit(2);
	if (below(2))
		close(ends[1]), ends[1] = -1;
	for (int events = 0; events < LONGEST; events++) {
		enum xenbus_event event = xenbus_receive(&bus);

		if (event == XENBUS_NOTHING || event == XENBUS_BROKEN)
			break;
		if (strlen(bus.error) >= sizeof(bus.error))
			fail("error name without a NUL", bus.error, sizeof(bus.error));
	}
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
}

int main(int argc, char **argv)
{
	/* One in this many inputs is a stream: streams are slow, because they need system calls. */
	enum { STREAMS = 64 };
	uint64_t inputs = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, now_ms = 0;
	struct sample sample;
	struct pace pace;

	if (inputs == 0) {
		fprintf(stderr, "usage: fuzz INPUTS [SEED]\n");
		return 2;
	}
	state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 88172645463325252ULL;
	pace_start(&pace, 60000);
	for (size_t i = 0; i < VALUES; i++)
		sample.value[i] = UNKNOWN;
	for (uint64_t i = 0; i < inputs; i++) {
		if (i % STREAMS == 0)
			try_stream();
		else
			try_table(&sample);
		try_record(&sample);
		now_ms += below(300);
		try_pace(&pace, &sample, now_ms);
	}
	printf("%" PRIu64 " inputs\n", inputs);
	return 0;
}
