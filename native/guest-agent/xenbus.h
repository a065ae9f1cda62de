/* The xenstore protocol, from Xen's public header io/xs_wire.h, over /dev/xen/xenbus or a xenstored's socket. One request at a time; never blocks. */
#ifndef XENBALLOON_XENBUS_H
#define XENBALLOON_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xenbus_event {
	XENBUS_NOTHING, /* nothing (more) has come */
	XENBUS_DONE,    /* the request was carried out */
	XENBUS_REFUSED, /* the request was refused; error says why, as xenstored spells it: EACCES */
	XENBUS_CHANGED, /* a watched node was written, or this guest has come to another host */
	XENBUS_BROKEN,  /* there is no more to come; errno says why */
};

struct xenbus {
	int fd;
	bool waiting; /* a request is under way */
	char error[24];
	uint32_t request;
	struct {
		uint32_t type, request, transaction, length;
	} header;
	size_t got; /* of header and payload */
};

/* Opens the device or connects to the socket; -1 and errno where that fails. */
int xenbus_open(struct xenbus *bus, const char *path);

/* Begin a request, whose end xenbus_receive will tell; false and errno where it could not be sent. Not while another is under way. */
bool xenbus_write(struct xenbus *bus, const char *node, const char *value, size_t length);
bool xenbus_watch(struct xenbus *bus, const char *node);

/* Takes the next thing that has come. */
enum xenbus_event xenbus_receive(struct xenbus *bus);

#endif
