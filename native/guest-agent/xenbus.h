/*
 * The xenstore protocol of Xen's public header io/xs_wire.h, over /dev/xen/xenbus or xenstored's socket. One request at
 * a time; never blocks.
 */
#ifndef XENBALLOON_XENBUS_H
#define XENBALLOON_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xenbus_event {
	XENBUS_NOTHING, /* no further message */
	XENBUS_DONE,    /* the request succeeded */
	XENBUS_REFUSED, /* the request failed; error has the name of the error, for example EACCES */
	XENBUS_CHANGED, /* a watched node was written, or the guest has migrated */
	XENBUS_BROKEN,  /* the connection is lost; errno has the reason */
};

struct xenbus {
	int fd;
	bool waiting; /* a request is pending */
	char error[24];
	uint32_t request;
	struct {
		uint32_t type, request, transaction, length;
	} header;
	size_t got; /* bytes of header and payload received */
};

/* Opens the device or connects to the socket. Returns -1 and sets errno on failure. */
int xenbus_open(struct xenbus *bus, const char *path);

/*
 * Send a request; xenbus_receive returns its result. Return false and set errno if it could not be sent. Must not be
 * called while a request is pending.
 */
bool xenbus_write(struct xenbus *bus, const char *node, const char *value, size_t length);
bool xenbus_watch(struct xenbus *bus, const char *node);

/* Handles the next message. */
enum xenbus_event xenbus_receive(struct xenbus *bus);

#endif
