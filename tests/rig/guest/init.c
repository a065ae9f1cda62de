/*
 * PID 1 of a test guest: a static program, alone in its initramfs except for the guest agent. It mounts file systems,
 * starts each part when dom0 first requests its work, restarts parts that die, and reports each second.
 *
 * Parameters on the kernel command line:
 *   rig.noswap    no swap device
 *   rig.agent     /xenballoon-agent reports instead of this program
 *   rig.minute    reports once a minute
 *   rig.silent    no reports
 *   rig.killable  the kernel may OOM-kill the worker and the writer of files. Otherwise the guest panics when it has
 *                 no memory left, as a guest does that runs a single service
 *
 * Requests from dom0, as nodes below the guest's home. They are watched, so that they take effect at once:
 *   data/eat      size of the working set, MiB
 *   data/tmpfs    size of the files in a tmpfs, MiB
 *   data/job      counted work (jobs.c): name, size in MiB and, if it grows, MiB per second
 *   data/reports  the kind of reports from now on: agent, second, minute or silent
 *   data/lie      the lie to write (liar.c)
 *   data/agent    "kill" ends the agent with SIGKILL
 *   data/power    "reboot" reboots the guest as a service manager does; "crash" panics its kernel
 *
 * /sbin/reboot, which the kernel runs when dom0 writes "reboot" to control/shutdown, is this program too.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define REPORT_MS 1000
#define MINUTE_MS 60000
/* How long a reboot waits for the agent to end. */
#define LEAVE_MS 10000

enum { WORKER, FILES, JOB, LIAR, AGENT, CHILDREN };
enum { EAT, TMPFS, REQUEST_JOB, REPORTS, LIE, KILL_AGENT, POWER, REQUESTS };

static const char *const requests[REQUESTS] = {
	[EAT] = "data/eat", [TMPFS] = "data/tmpfs",      [REQUEST_JOB] = "data/job", [REPORTS] = "data/reports",
	[LIE] = "data/lie", [KILL_AGENT] = "data/agent", [POWER] = "data/power",
};

/* The kinds of reports. */
enum { SECOND, MINUTE, BY_AGENT, SILENT, REPORT_KINDS };
static const char *const report_kinds[REPORT_KINDS] = {
	[SECOND] = "second",
	[MINUTE] = "minute",
	[BY_AGENT] = "agent",
	[SILENT] = "silent",
};

static pid_t children[CHILDREN];
static volatile sig_atomic_t reboot_requested;
static int noswap, killable, report_kind;
static uint64_t report_due;

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 || mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		complain("mount");
	mount("dev", "/dev", "devtmpfs", 0, NULL); /* the kernel may have mounted it already */
	/* Larger than memory, so that only memory limits the files. */
	if (mount("files", "/tmp", "tmpfs", 0, "size=4g") < 0)
		complain("/tmp");
}

static void read_words(void)
{
	const char *line = read_file("/proc/cmdline");

	noswap = strstr(line, "rig.noswap") != NULL;
	for (int i = 0; i < REPORT_KINDS; i++) {
		char text[16];

		snprintf(text, sizeof(text), "rig.%s", report_kinds[i]);
		if (strstr(line, text))
			report_kind = i;
	}
	killable = strstr(line, "rig.killable") != NULL;
}

static void run(int child, struct shared *s)
{
	if (child == WORKER || child == FILES || child == JOB)
		/* If it may be killed, it is killed first: it is the guest's work, and the largest process. */
		write_file("/proc/self/oom_score_adj", killable ? "500" : "-1000");
	switch (child) {
	case WORKER:
		work(s);
		break;
	case FILES:
		keep_files(s);
		break;
	case JOB:
		/* A process group, so that all processes that it starts end with it. */
		setpgid(0, 0);
		do_job(s);
		break;
	case LIAR:
		tell_lies(s);
		break;
	case AGENT:
		execl("/xenballoon-agent", "xenballoon-agent", (char *)NULL);
		complain("/xenballoon-agent");
		break;
	}
	_exit(1);
}

/* Starts each part that has work and does not run. */
static void start_children(struct shared *s)
{
	const int due[CHILDREN] = {
		[WORKER] = s->want_mib != 0, [FILES] = s->want_files_mib != 0,  [JOB] = s->job.kind != 0,
		[LIAR] = s->lie != 0,        [AGENT] = report_kind == BY_AGENT,
	};

	for (int i = 0; i < CHILDREN; i++) {
		if (children[i] > 0 || !due[i])
			continue;
		if (i == AGENT)
			s->agent_started_ms = uptime_ms();
		children[i] = fork();
		if (children[i] == 0)
			run(i, s);
		if (children[i] < 0)
			complain("fork");
	}
}

static void bury_children(void)
{
	pid_t dead;

	while ((dead = waitpid(-1, NULL, WNOHANG)) > 0)
		for (int i = 0; i < CHILDREN; i++)
			if (children[i] == dead)
				children[i] = 0;
}

static void kill_child(int child, pid_t target)
{
	if (children[child] > 0)
		kill(target, SIGKILL);
}

/* Removes reports of the previous kind, which are outdated and would still be read. */
static void report_by(struct xenbus *bus, const char *text)
{
	for (int i = 0; i < REPORT_KINDS; i++)
		if (strcmp(text, report_kinds[i]) == 0)
			report_kind = i;
	if (report_kind != BY_AGENT) {
		kill_child(AGENT, children[AGENT]);
		xenbus_remove(bus, "data/xenballoon");
	}
	xenbus_remove(bus, "data/meminfo_total");
	xenbus_remove(bus, "data/meminfo_free");
	report_due = 0;
}

static void request_reboot(int signal)
{
	(void)signal;
	reboot_requested = 1;
}

/* As service managers do, it ends the agent with SIGTERM first. The work goes on until the reboot. */
static void leave(void)
{
	uint64_t limit = milliseconds() + LEAVE_MS;

	fprintf(stderr, "RIG-GUEST: rebooting\n");
	if (children[AGENT] > 0)
		kill(children[AGENT], SIGTERM);
	while (children[AGENT] > 0 && milliseconds() < limit) {
		bury_children();
		usleep(20000);
	}
	reboot(RB_AUTOBOOT);
	complain("reboot");
}

static int is_report_due(uint64_t now)
{
	if (now < report_due || report_kind == BY_AGENT || report_kind == SILENT)
		return 0;
	report_due = now + (report_kind == MINUTE ? MINUTE_MS : 0);
	return 1;
}

static void handle_request(struct xenbus *bus, struct shared *s, int request)
{
	char text[32] = "";

	if (xenbus_read(bus, requests[request], text, sizeof(text)) < 0)
		return;
	switch (request) {
	case EAT:
		s->want_mib = strtoull(text, NULL, 10);
		break;
	case TMPFS:
		s->want_files_mib = strtoull(text, NULL, 10);
		break;
	case REQUEST_JOB:
		/* Writes statistics before the change, for exact measurements. */
		report(bus, s, children[AGENT], 0);
		s->job = job_named(text);
		kill_child(JOB, -children[JOB]);
		break;
	case REPORTS:
		report_by(bus, text);
		break;
	case LIE:
		s->lie = lie_named(text);
		break;
	case KILL_AGENT:
		if (strcmp(text, "kill") == 0)
			kill_child(AGENT, children[AGENT]);
		break;
	case POWER:
		if (strcmp(text, "reboot") == 0)
			leave();
		else if (strcmp(text, "crash") == 0)
			write_file("/proc/sysrq-trigger", "c");
		break;
	}
}

static void handle_requests(struct xenbus *bus, struct shared *s)
{
	for (int i = 0; i < REQUESTS; i++) {
		if (!(bus->fired & 1U << i))
			continue;
		bus->fired &= ~(1U << i);
		handle_request(bus, s, i);
	}
	start_children(s);
}

int main(void)
{
	struct xenbus bus;
	struct shared *s;
	uint64_t due = 0;

	/* /sbin/reboot */
	if (getpid() != 1)
		return kill(1, SIGTERM) < 0;
	signal(SIGTERM, request_reboot);
	mount_all();
	read_words();
	if (!noswap)
		start_swap();
	/* Prefers the working set to idle pages of the kernel's caches. */
	write_file("/proc/sys/vm/page-cluster", "0");

	s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED || xenbus_open(&bus) < 0) {
		complain("/dev/xen/xenbus");
		return 1; /* panics the guest, which needs xenstore */
	}
	for (unsigned i = 0; i < REQUESTS; i++)
		if (xenbus_watch(&bus, requests[i], i) < 0)
			complain(requests[i]);
	start_children(s);
	/* So that statistics can be written during a shortage. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		complain("mlockall");
	fprintf(stderr, "RIG-GUEST: up\n");
	for (;;) {
		uint64_t now = milliseconds();

		if (now >= due) {
			bury_children();
			start_children(s);
			report(&bus, s, children[AGENT], is_report_due(now));
			due = now + REPORT_MS;
		}
		xenbus_wait(&bus, (int)(due - now));
		if (reboot_requested)
			leave();
		handle_requests(&bus, s);
	}
}
