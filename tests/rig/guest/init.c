/*
 * PID 1 of a test guest, a static program that is alone in its initramfs but for the product's agent. It mounts what the
 * others need, starts them when dom0 first asks for what they do, starts them again when they die, and reports each second.
 *
 * Words on the kernel command line:
 *   rig.noswap    no swap device
 *   rig.agent     /xenballoon-agent reports to dom0, and we do not
 *   rig.silent    nobody does
 *   rig.killable  the kernel may kill the worker and the files' writer for memory. Otherwise it may not: when it finds no
 *                 way out, the guest panics, as a guest does whose only service is what it runs
 *
 * Orders from dom0, as leaves below the guest's home; they are watched, so that they are obeyed at once:
 *   data/eat      size of the working set, MiB
 *   data/tmpfs    size of the files in a tmpfs, MiB
 *   data/lie      which lie is told (liar.c)
 *   data/agent    "kill": ends the agent as no program can prevent
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define REPORT_MS 1000

enum { WORKER, FILES, LIAR, AGENT, CHILDREN };
enum { EAT, TMPFS, LIE, KILL_AGENT, ORDERS };

static const char *const orders[ORDERS] = {
	[EAT] = "data/eat", [TMPFS] = "data/tmpfs", [LIE] = "data/lie", [KILL_AGENT] = "data/agent",
};

static pid_t children[CHILDREN];
static int noswap, agent, silent, killable;

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 || mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		complain("mount");
	mount("dev", "/dev", "devtmpfs", 0, NULL); /* the kernel may have mounted it already */
	/* Larger than memory: what is written there ends where memory does. */
	if (mount("files", "/tmp", "tmpfs", 0, "size=4g") < 0)
		complain("/tmp");
}

static void read_words(void)
{
	const char *line = read_file("/proc/cmdline");

	noswap = strstr(line, "rig.noswap") != NULL;
	agent = strstr(line, "rig.agent") != NULL;
	silent = strstr(line, "rig.silent") != NULL;
	killable = strstr(line, "rig.killable") != NULL;
}

static void run(int child, struct shared *s)
{
	if (child == WORKER || child == FILES)
		/* Where it may be killed, before anybody else: it is what a guest runs, and the largest. */
		write_file("/proc/self/oom_score_adj", killable ? "500" : "-1000");
	switch (child) {
	case WORKER:
		work(s);
		break;
	case FILES:
		keep_files(s);
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

/* Starts whatever has something to do and does not run. */
static void start_children(struct shared *s)
{
	const int due[CHILDREN] = { [WORKER] = s->want_mib != 0, [FILES] = s->want_files_mib != 0, [LIAR] = s->lie != 0, [AGENT] = agent };

	for (int i = 0; i < CHILDREN; i++) {
		if (children[i] > 0 || !due[i])
			continue;
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

static void obey(struct xenbus *bus, struct shared *s, int order)
{
	char word[32] = "";

	if (xenbus_read(bus, orders[order], word, sizeof(word)) < 0)
		return;
	switch (order) {
	case EAT:
		s->want_mib = strtoull(word, NULL, 10);
		break;
	case TMPFS:
		s->want_files_mib = strtoull(word, NULL, 10);
		break;
	case LIE:
		s->lie = lie_named(word);
		break;
	case KILL_AGENT:
		if (strcmp(word, "kill") == 0 && children[AGENT] > 0)
			kill(children[AGENT], SIGKILL);
		break;
	}
}

static void obey_all(struct xenbus *bus, struct shared *s)
{
	for (int i = 0; i < ORDERS; i++) {
		if (!(bus->fired & 1U << i))
			continue;
		bus->fired &= ~(1U << i);
		obey(bus, s, i);
	}
	start_children(s);
}

int main(void)
{
	struct xenbus bus;
	struct shared *s;
	uint64_t due = 0;

	mount_all();
	read_words();
	if (!noswap)
		start_swap();
	/* A working set is kept in memory as long as there is any: idle pages of the kernel's caches go first. */
	write_file("/proc/sys/vm/page-cluster", "0");

	s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED || xenbus_open(&bus) < 0) {
		complain("/dev/xen/xenbus");
		return 1; /* panics the guest: without xenstore it is of no use */
	}
	for (unsigned i = 0; i < ORDERS; i++)
		if (xenbus_watch(&bus, orders[i], i) < 0)
			complain(orders[i]);
	start_children(s);
	/* So that a shortage can be told of while there is one. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		complain("mlockall");
	fprintf(stderr, "RIG-GUEST: up\n");
	for (;;) {
		uint64_t now = milliseconds();

		if (now >= due) {
			bury_children();
			start_children(s);
			report(&bus, s, children[AGENT], !agent && !silent);
			due = now + REPORT_MS;
		}
		xenbus_wait(&bus, (int)(due - now));
		obey_all(&bus, s);
	}
}
