/* xenballoon-agent: tells a Xen host what this guest's kernel says of its memory. xenballoon-agent(8). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reporter.h"

enum { WELL, FAILED, MISUSED };

#define DEFAULT_HEARTBEAT_S 60
/* An agent is taken for silent two and a half minutes after its last word. */
#define LONGEST_HEARTBEAT_S 120

static const char usage[] =
	"usage: xenballoon-agent [--device FILE] [--heartbeat SECONDS] [--procfs DIR] [--sysfs DIR]\n"
	"       xenballoon-agent --print [--procfs DIR] [--sysfs DIR]\n"
	"       xenballoon-agent --help | --version\n";

static const char help[] =
	"\n"
	"Writes what this guest's kernel says of its memory to data/xenballoon in xenstore, where xenballoond in dom0 reads it:\n"
	"at once when something changes or somebody waits for memory, and seldom otherwise.\n"
	"\n"
	"  --device FILE        xenstore (/dev/xen/xenbus)\n"
	"  --heartbeat SECONDS  the longest time without a report, 1 to 120 (60)\n"
	"  --print              print one report and end; needs no Xen\n"
	"  --procfs DIR         where the kernel's tables are (/proc)\n"
	"  --sysfs DIR          where the balloon is (/sys)\n";

struct options {
	const char *device, *procfs, *sysfs;
	uint64_t heartbeat_s;
	bool print;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int misuse(const char *what, const char *value)
{
	fprintf(stderr, "xenballoon-agent: %s%s\n%s", what, value, usage);
	return MISUSED;
}

static int failure(const char *what, const char *remedy)
{
	fprintf(stderr, "xenballoon-agent: %s: %s%s\n", what, strerror(errno), remedy);
	return FAILED;
}

static bool seconds(const char *text, uint64_t *value)
{
	char *end;
	long number = strtol(text, &end, 10);

	*value = (uint64_t)number;
	return *text >= '0' && *text <= '9' && *end == '\0' && number >= 1 && number <= LONGEST_HEARTBEAT_S;
}

/* Returns an exit status, or -1 to go on. */
static int parse(int argc, char **argv, struct options *options)
{
	enum { DEVICE = 1, HEARTBEAT_TIME, PROCFS, SYSFS, PRINT, HELP, VERSION_OF };
	static const struct option known[] = {
		{ "device", required_argument, NULL, DEVICE },  { "heartbeat", required_argument, NULL, HEARTBEAT_TIME },
		{ "procfs", required_argument, NULL, PROCFS },  { "sysfs", required_argument, NULL, SYSFS },
		{ "print", no_argument, NULL, PRINT },          { "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION_OF },   { NULL, 0, NULL, 0 },
	};

	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case DEVICE:
			options->device = optarg;
			break;
		case HEARTBEAT_TIME:
			if (!seconds(optarg, &options->heartbeat_s))
				return misuse("--heartbeat is a number of seconds from 1 to 120, and not ", optarg);
			break;
		case PROCFS:
			options->procfs = optarg;
			break;
		case SYSFS:
			options->sysfs = optarg;
			break;
		case PRINT:
			options->print = true;
			break;
		case HELP:
			printf("%s%s", usage, help);
			return WELL;
		case VERSION_OF:
			puts("xenballoon-agent " XENBALLOON_VERSION);
			return WELL;
		default:
			fputs(usage, stderr); /* getopt has said what is wrong */
			return MISUSED;
		}
	}
	return optind < argc ? misuse("what is this for: ", argv[optind]) : -1;
}

/* A report matters most when there is no memory. Where we may not do this, as without root, we work all the same. */
static void keep_alive(void)
{
	static const char least_likely[] = "-900";
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, least_likely, sizeof(least_likely) - 1) < 0)
			errno = 0;
		close(fd);
	}
	mlockall(MCL_CURRENT | MCL_FUTURE);
}

int main(int argc, char **argv)
{
	struct options options = { .device = "/dev/xen/xenbus", .procfs = "/proc", .sysfs = "/sys", .heartbeat_s = DEFAULT_HEARTBEAT_S };
	static struct reporter reporter;
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t ending, waiting;
	int status = parse(argc, argv, &options);

	if (status >= 0)
		return status;
	if (!kernel_open(&reporter.kernel, options.procfs, options.sysfs))
		return failure(options.procfs, ": it has no meminfo to read");
	if (options.print)
		return reporter_print(&reporter.kernel) ? WELL : failure("cannot print a report", "");
	if (xenbus_open(&reporter.bus, options.device) < 0)
		return failure(options.device, errno == EACCES ? ": run as root, or give this user access to it" : ": is this a Xen guest?");
	pace_start(&reporter.pace, options.heartbeat_s * 1000);
	keep_alive();

	/* Signals come in only while we wait, so that none is missed between a look at STOP and the wait. */
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, &waiting);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (reporter_run(&reporter, &stop, &waiting))
		return WELL;
	return failure("cannot go on", "");
}
