/* xenballoon-agent: reports this guest's memory use to the Xen host. See xenballoon-agent(8). */
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

enum { SUCCESS, FAILURE, USAGE_ERROR };

#define DEFAULT_HEARTBEAT_S 60
/* The daemon considers a guest silent two and a half minutes after its last report. */
#define LONGEST_HEARTBEAT_S 120

static const char usage[] =
	"usage: xenballoon-agent [--device FILE] [--heartbeat SECONDS] [--procfs DIR] [--sysfs DIR]\n"
	"       xenballoon-agent --print [--procfs DIR] [--sysfs DIR]\n"
	"       xenballoon-agent --help | --version\n";

static const char help[] =
	"Reports the memory use of this guest to xenballoond in dom0, in data/xenballoon in xenstore: at once when\n"
	"the use changes or tasks wait for memory, and otherwise at each heartbeat.\n"
	"\n"
	"  --device FILE        the xenstore device (/dev/xen/xenbus)\n"
	"  --heartbeat SECONDS  the longest time between reports, 1 to 120 (60)\n"
	"  --print              print one report and exit; needs no Xen\n"
	"  --procfs DIR         the directory of meminfo, vmstat and pressure (/proc)\n"
	"  --sysfs DIR          the directory of the balloon's devices (/sys)\n";

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

static int usage_error(const char *what, const char *value)
{
	fprintf(stderr, "xenballoon-agent: %s%s\n%s", what, value, usage);
	return USAGE_ERROR;
}

static int failure(const char *what, const char *remedy)
{
	fprintf(stderr, "xenballoon-agent: %s: %s%s\n", what, strerror(errno), remedy);
	return FAILURE;
}

static bool seconds(const char *text, uint64_t *value)
{
	char *end;
	long number = strtol(text, &end, 10);

	*value = (uint64_t)number;
	return *text >= '0' && *text <= '9' && *end == '\0' && number >= 1 && number <= LONGEST_HEARTBEAT_S;
}

/* Returns an exit status, or -1 to continue. */
static int parse(int argc, char **argv, struct options *options)
{
	enum { DEVICE = 1, HEARTBEAT_TIME, PROCFS, SYSFS, PRINT, HELP, VERSION_OF };
	/* clang-format off */
	static const struct option known[] = {
		{ "device", required_argument, NULL, DEVICE },
		{ "heartbeat", required_argument, NULL, HEARTBEAT_TIME },
		{ "procfs", required_argument, NULL, PROCFS },
		{ "sysfs", required_argument, NULL, SYSFS },
		{ "print", no_argument, NULL, PRINT },
		{ "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION_OF },
		{ NULL, 0, NULL, 0 },
	};
	/* clang-format on */

	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case DEVICE:
			options->device = optarg;
			break;
		case HEARTBEAT_TIME:
			if (!seconds(optarg, &options->heartbeat_s))
				return usage_error("invalid --heartbeat: expected 1 to 120 seconds, not ", optarg);
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
			printf("%s\n%s", usage, help);
			return SUCCESS;
		case VERSION_OF:
			puts("xenballoon-agent " XENBALLOON_VERSION);
			return SUCCESS;
		default:
			fputs(usage, stderr); /* getopt has printed the error */
			return USAGE_ERROR;
		}
	}
	return optind < argc ? usage_error("unexpected argument: ", argv[optind]) : -1;
}

/* Reports matter most when memory is short. Both calls need privileges; the agent works without them. */
static void protect_from_shortage(void)
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
	struct options options = {
		.device = "/dev/xen/xenbus", .procfs = "/proc", .sysfs = "/sys", .heartbeat_s = DEFAULT_HEARTBEAT_S
	};
	static struct reporter reporter;
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t termination, waiting;
	int status = parse(argc, argv, &options);

	if (status >= 0)
		return status;
	if (!kernel_open(&reporter.kernel, options.procfs, options.sysfs))
		return failure(options.procfs, ": cannot read meminfo");
	if (options.print)
		return reporter_print(&reporter.kernel) ? SUCCESS : failure("cannot print a report", "");
	if (xenbus_open(&reporter.bus, options.device) < 0)
		return failure(options.device,
		               errno == EACCES ? ": run as root, or grant this user access" : ": is this a Xen guest?");
	pace_start(&reporter.pace, options.heartbeat_s * 1000);
	protect_from_shortage();

	/* Signals are delivered only during the wait, so none is lost between the test of STOP and the wait. */
	sigemptyset(&termination);
	sigaddset(&termination, SIGTERM);
	sigaddset(&termination, SIGINT);
	sigprocmask(SIG_BLOCK, &termination, &waiting);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (reporter_run(&reporter, &stop, &waiting))
		return SUCCESS;
	return failure("cannot continue", "");
}
