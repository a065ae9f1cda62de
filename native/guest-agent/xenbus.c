#include "xenbus.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WATCH = 4, WRITE = 11, WATCH_EVENT = 15, ERROR = 16 };

/* The protocol's limit (XENSTORE_PAYLOAD_MAX). */
#define LONGEST_PAYLOAD 4096
#define LONGEST_REQUEST 1024

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int xenbus_open(struct xenbus *bus, const char *path)
{
	struct stat what;

	memset(bus, 0, sizeof(*bus));
	bus->fd = stat(path, &what) == 0 && S_ISSOCK(what.st_mode) ? connect_to(path)
								   : open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return bus->fd < 0 ? -1 : 0;
}

/* Sends NODE, its NUL and REST in one write: the device takes whole requests, and a socket's buffer holds one. */
static bool request(struct xenbus *bus, uint32_t type, const char *node, const char *rest, size_t length)
{
	char packet[LONGEST_REQUEST];
	size_t node_length = strlen(node) + 1, whole = sizeof(bus->header) + node_length + length;
	const uint32_t header[] = { type, ++bus->request, 0, (uint32_t)(node_length + length) };
	ssize_t sent;

	if (whole > sizeof(packet)) {
		errno = E2BIG;
		return false;
	}
	memcpy(packet, header, sizeof(header));
	memcpy(packet + sizeof(header), node, node_length);
	memcpy(packet + sizeof(header) + node_length, rest, length);
	sent = write(bus->fd, packet, whole);
	if (sent >= 0 && (size_t)sent < whole)
		errno = EIO;
	bus->waiting = sent == (ssize_t)whole;
	return bus->waiting;
}

bool xenbus_write(struct xenbus *bus, const char *node, const char *value, size_t length)
{
	return request(bus, WRITE, node, value, length);
}

bool xenbus_watch(struct xenbus *bus, const char *node)
{
	/* Events carry the token of their watch. All watches mean the same here. */
	static const char token[] = "w";

	return request(bus, WATCH, node, token, sizeof(token));
}

/* Reads until WHOLE bytes of the message have arrived. Keeps the start of the payload in error. */
static enum xenbus_event fill(struct xenbus *bus, size_t whole)
{
	char payload[256];
	size_t start = sizeof(bus->header);

	while (bus->got < whole) {
		bool in_header = bus->got < start;
		char *into = in_header ? (char *)&bus->header + bus->got : payload;
		size_t missing = whole - bus->got;
		ssize_t n = read(bus->fd, into, in_header || missing < sizeof(payload) ? missing : sizeof(payload));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return XENBUS_NOTHING;
		if (n <= 0) {
			if (n == 0)
				errno = EPIPE;
			return XENBUS_BROKEN;
		}
		for (ssize_t i = 0; !in_header && i < n && bus->got - start + (size_t)i < sizeof(bus->error) - 1; i++)
			bus->error[bus->got - start + (size_t)i] = payload[i];
		bus->got += (size_t)n;
	}
	return XENBUS_DONE;
}

enum xenbus_event xenbus_receive(struct xenbus *bus)
{
	enum xenbus_event event = fill(bus, sizeof(bus->header));

	if (event != XENBUS_DONE)
		return event;
	if (bus->header.length > LONGEST_PAYLOAD) {
		errno = EPROTO;
		return XENBUS_BROKEN;
	}
	if (bus->got == sizeof(bus->header))
		memset(bus->error, 0, sizeof(bus->error));
	event = fill(bus, sizeof(bus->header) + bus->header.length);
	if (event != XENBUS_DONE)
		return event;
	bus->got = 0;
	if (bus->header.type == WATCH_EVENT)
		return XENBUS_CHANGED;
	bus->waiting = false;
	return bus->header.type == ERROR ? XENBUS_REFUSED : XENBUS_DONE;
}
