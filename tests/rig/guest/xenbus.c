#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "xenbus.h"

/* The wire format of /dev/xen/xenbus, from Xen's public header io/xs_wire.h. */
struct message {
	uint32_t type, request, transaction, length;
};

enum { XS_READ = 2, XS_WATCH = 4, XS_WRITE = 11, XS_RM = 13, XS_SET_PERMS = 14, XS_WATCH_EVENT = 15, XS_ERROR = 16 };

#define MAX_BODY 4096

int xenbus_open(struct xenbus *bus)
{
	bus->fired = 0;
	bus->fd = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);
	return bus->fd;
}

static int read_all(int fd, void *data, size_t length)
{
	for (size_t have = 0; have < length;) {
		ssize_t n = read(fd, (char *)data + have, length - have);
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

/* Reads the next message. BODY must hold the largest body and a terminator. */
static int take(struct xenbus *bus, struct message *m, char *body)
{
	if (read_all(bus->fd, m, sizeof(*m)) < 0 || m->length > MAX_BODY || read_all(bus->fd, body, m->length) < 0)
		return -1;
	body[m->length] = '\0';
	if (m->type == XS_WATCH_EVENT) /* path and token; the token is the watch's number */
		bus->fired |= 1U << ((body[strlen(body) + 1] - '0') & 31);
	return 0;
}

/* Sends PATH and REST. */
static int request(struct xenbus *bus, uint32_t type, const char *path, const void *rest, size_t length)
{
	char packet[sizeof(struct message) + MAX_BODY];
	size_t path_length = strlen(path) + 1;
	struct message m = { .type = type, .length = (uint32_t)(path_length + length) };

	if (m.length > MAX_BODY)
		return -1;
	memcpy(packet, &m, sizeof(m));
	memcpy(packet + sizeof(m), path, path_length);
	memcpy(packet + sizeof(m) + path_length, rest, length);
	return write(bus->fd, packet, sizeof(m) + m.length) < 0 ? -1 : 0;
}

/* Waits for an answer and remembers earlier events. Returns its length, or -1 if the request was refused. */
static int await(struct xenbus *bus, char *answer, size_t room)
{
	char body[MAX_BODY + 1];
	struct message m;

	do {
		if (take(bus, &m, body) < 0)
			return -1;
	} while (m.type == XS_WATCH_EVENT);
	if (m.type == XS_ERROR)
		return -1;
	if (answer && m.length < room)
		memcpy(answer, body, m.length + 1);
	return (int)m.length;
}

static int ask(struct xenbus *bus, uint32_t type, const char *path, const void *rest, size_t length, char *answer,
               size_t room)
{
	return request(bus, type, path, rest, length) < 0 ? -1 : await(bus, answer, room);
}

int xenbus_read(struct xenbus *bus, const char *path, char *value, size_t room)
{
	return ask(bus, XS_READ, path, "", 0, value, room);
}

int xenbus_write(struct xenbus *bus, const char *path, const void *value, size_t length)
{
	return ask(bus, XS_WRITE, path, value, length, NULL, 0);
}

int xenbus_put(struct xenbus *bus, const char *path, const char *text)
{
	return xenbus_write(bus, path, text, strlen(text));
}

int xenbus_put_often(struct xenbus *bus, const char *path, const char *text, int times)
{
	int sent = 0, done = 0;

	while (sent < times && request(bus, XS_WRITE, path, text, strlen(text)) == 0)
		sent++;
	for (int i = 0; i < sent; i++)
		done += await(bus, NULL, 0) >= 0;
	return done;
}

int xenbus_remove(struct xenbus *bus, const char *path)
{
	return ask(bus, XS_RM, path, "", 0, NULL, 0);
}

int xenbus_permit(struct xenbus *bus, const char *path, const char *permissions, size_t length)
{
	return ask(bus, XS_SET_PERMS, path, permissions, length, NULL, 0);
}

int xenbus_watch(struct xenbus *bus, const char *path, unsigned number)
{
	const char token[2] = { (char)('0' + number), '\0' };

	return ask(bus, XS_WATCH, path, token, sizeof(token), NULL, 0);
}

void xenbus_wait(struct xenbus *bus, int milliseconds)
{
	struct pollfd ready = { .fd = bus->fd, .events = POLLIN };
	char body[MAX_BODY + 1];
	struct message m;

	if (!bus->fired && poll(&ready, 1, milliseconds) > 0)
		take(bus, &m, body);
}
