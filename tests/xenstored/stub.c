/*
 * Lets Debian's xenstored and oxenstored run without Xen. It is preloaded and replaces the parts of Xen that they use
 * (libxenctrl, libxenevtchn, libxengnttab, /proc/xen). Its state is in files in $XENSTORED_STUB_DIR:
 *
 *   dom/<domid>   a domain that exists; the letters in it say more: s shut down, c crashed, d dying
 *   ring-<domid>  the domain's xenstore ring page: map it to act as the guest
 *   events        a FIFO of uint32 ports: 1 is "a domain changed" (VIRQ_DOM_EXC), 1000 + domid is that guest's kick
 *
 * The rings are real, so permissions and quotas are the daemons' own. dom0 always exists and talks over the socket.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#define PAGE 4096
#define DOMAIN_CHANGED_PORT 1
#define DOM0_PORT 2
#define DOM0_PORT_TEXT "2"
#define GUEST_PORT(domid) (1000 + (int)(domid))
#define REASON_CRASH 3u

enum { EXISTS = 0, SHUT_DOWN = 1, CRASHED = 2, DYING = 4 };

/* Handles are opaque, so any value works. */
static char handle[64];
static int events = -1;

static const char *state_path(char *buffer, size_t size, const char *name)
{
	const char *directory = getenv("XENSTORED_STUB_DIR");

	if (!directory) {
		fputs("xenstored stub: XENSTORED_STUB_DIR is not set\n", stderr);
		exit(2);
	}
	snprintf(buffer, size, "%s/%s", directory, name);
	return buffer;
}

static const char *domain_path(char *buffer, size_t size, const char *prefix, uint32_t domid)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%u", prefix, domid);
	return state_path(buffer, size, name);
}

static int real_open(const char *path, int flags, mode_t mode)
{
	static int (*next)(const char *, int, ...);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "open");
	return next(path, flags, mode);
}

static int ring_open(uint32_t domid)
{
	char path[PATH_MAX];
	int fd = real_open(domain_path(path, sizeof(path), "ring-", domid), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && ftruncate(fd, PAGE)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Where Linux tells xenstored about dom0's own ring. */
static int stub_open(const char *path, int flags, mode_t mode)
{
	if (!strcmp(path, "/proc/xen/xsd_port") || !strcmp(path, "/dev/xen/xsd_port")) {
		int fd = memfd_create("xsd_port", MFD_CLOEXEC);

		if (fd >= 0 && (write(fd, DOM0_PORT_TEXT, 1) != 1 || lseek(fd, 0, SEEK_SET))) {
			close(fd);
			return -1;
		}
		return fd;
	}
	if (!strcmp(path, "/proc/xen/xsd_kva") || !strcmp(path, "/dev/xen/xsd_kva"))
		return ring_open(0);
	return real_open(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list rest;

	va_start(rest, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(rest, mode_t);
	va_end(rest);
	return stub_open(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list rest;

	va_start(rest, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(rest, mode_t);
	va_end(rest);
	return stub_open(path, flags, mode);
}

/* oxenstored insists on raising RLIMIT_NOFILE to fs.nr_open, which a container refuses. */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}

/* ---- libxenctrl ---- */

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild, unsigned int flags)
{
	(void)logger;
	(void)dombuild;
	(void)flags;
	return (xc_interface *)handle;
}

int xc_interface_close(xc_interface *xc)
{
	(void)xc;
	return 0;
}

/* -1: no such domain. */
static int domain_state(uint32_t domid)
{
	char path[PATH_MAX], letters[16];
	int state = EXISTS;
	ssize_t count;
	int fd;

	if (domid == 0)
		return EXISTS;
	fd = real_open(domain_path(path, sizeof(path), "dom/", domid), O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	count = read(fd, letters, sizeof(letters));
	close(fd);
	for (ssize_t i = 0; i < count; i++) {
		if (letters[i] == 's')
			state |= SHUT_DOWN;
		else if (letters[i] == 'c')
			state |= SHUT_DOWN | CRASHED;
		else if (letters[i] == 'd')
			state |= DYING;
	}
	return state;
}

/* The lowest domid of first or more that exists, or -1. */
static long next_domain(uint32_t first)
{
	char path[PATH_MAX];
	struct dirent *entry;
	long best = -1;
	DIR *domains;

	if (first == 0)
		return 0;
	domains = opendir(state_path(path, sizeof(path), "dom"));
	if (!domains)
		return -1;
	while ((entry = readdir(domains))) {
		char *end;
		long domid = strtol(entry->d_name, &end, 10);

		if (end != entry->d_name && !*end && domid >= (long)first && (best < 0 || domid < best))
			best = domid;
	}
	closedir(domains);
	return best;
}

static void describe(xc_domaininfo_t *info, uint32_t domid, int state)
{
	memset(info, 0, sizeof(*info));
	info->domain = domid;
	info->flags = (state & SHUT_DOWN ? XEN_DOMINF_shutdown : 0) | (state & DYING ? XEN_DOMINF_dying : 0) |
		(state & CRASHED ? REASON_CRASH << XEN_DOMINF_shutdownshift : 0) | (state ? 0 : XEN_DOMINF_running);
}

/* oxenstored */
int xc_domain_getinfolist(xc_interface *xc, uint32_t first, unsigned int max, xc_domaininfo_t *info)
{
	unsigned int count = 0;
	long domid;

	(void)xc;
	while (count < max && (domid = next_domain(first)) >= 0) {
		describe(&info[count++], domid, domain_state(domid));
		first = domid + 1;
	}
	return count;
}

/* xenstored of Xen 4.18 and later */
int xc_domain_getinfo_single(xc_interface *xc, uint32_t domid, xc_domaininfo_t *info)
{
	int state = domain_state(domid);

	(void)xc;
	if (state < 0) {
		errno = ESRCH;
		return -1;
	}
	if (info)
		describe(info, domid, state);
	return 0;
}

#if XEN_MAJOR == 4 && XEN_MINOR <= 17
/* xenstored of Xen 4.17 and before */
int xc_domain_getinfo(xc_interface *xc, uint32_t first, unsigned int max, xc_dominfo_t *info)
{
	unsigned int count = 0;
	long domid;

	(void)xc;
	while (count < max && (domid = next_domain(first)) >= 0) {
		int state = domain_state(domid);

		memset(&info[count], 0, sizeof(info[count]));
		info[count].domid = domid;
		info[count].running = state == EXISTS;
		info[count].shutdown = !!(state & SHUT_DOWN);
		info[count].crashed = !!(state & CRASHED);
		info[count].dying = !!(state & DYING);
		count++;
		first = domid + 1;
	}
	return count;
}
#endif

/* oxenstored maps a guest's ring with this */
void *xc_map_foreign_range(xc_interface *xc, uint32_t domid, int size, int protection, unsigned long frame)
{
	int fd = ring_open(domid);
	void *page;

	(void)xc;
	(void)frame;
	if (fd < 0)
		return NULL;
	page = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
	close(fd);
	return page == MAP_FAILED ? NULL : page;
}

/* ---- libxenevtchn ---- */

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	char path[PATH_MAX];

	(void)logger;
	(void)flags;
	state_path(path, sizeof(path), "events");
	if (mkfifo(path, 0600) && errno != EEXIST)
		return NULL;
	/* For reading and writing: it must not end when a guest closes it. */
	events = real_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
	return events < 0 ? NULL : (xenevtchn_handle *)handle;
}

/* A live update hands the descriptor on. */
xenevtchn_handle *xenevtchn_fdopen(xentoollog_logger *logger, int fd, unsigned int flags)
{
	(void)logger;
	(void)flags;
	events = fd;
	return (xenevtchn_handle *)handle;
}

int xenevtchn_close(xenevtchn_handle *channel)
{
	(void)channel;
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *channel)
{
	(void)channel;
	return events;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *channel, unsigned int virq)
{
	(void)channel;
	(void)virq;
	return DOMAIN_CHANGED_PORT;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *channel, uint32_t domid, evtchn_port_t port)
{
	(void)channel;
	(void)port;
	return domid ? GUEST_PORT(domid) : DOM0_PORT;
}

int xenevtchn_unbind(xenevtchn_handle *channel, evtchn_port_t port)
{
	(void)channel;
	(void)port;
	return 0;
}

int xenevtchn_unmask(xenevtchn_handle *channel, evtchn_port_t port)
{
	(void)channel;
	(void)port;
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *channel, evtchn_port_t port)
{
	(void)channel;
	(void)port;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *channel)
{
	uint32_t port;

	(void)channel;
	return read(events, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

/* ---- libxengnttab ---- */

xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return (xengnttab_handle *)handle;
}

int xengnttab_close(xengnttab_handle *grants)
{
	(void)grants;
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *grants, uint32_t count)
{
	(void)grants;
	(void)count;
	return 0;
}

/* xenstored maps a guest's ring with this */
void *xengnttab_map_grant_ref(xengnttab_handle *grants, uint32_t domid, uint32_t reference, int protection)
{
	(void)grants;
	(void)reference;
	return xc_map_foreign_range(NULL, domid, PAGE, protection, 0);
}

int xengnttab_unmap(xengnttab_handle *grants, void *start, uint32_t count)
{
	(void)grants;
	return munmap(start, (size_t)count * PAGE);
}
