#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

void complain(const char *what)
{
	fprintf(stderr, "RIG-GUEST: %s: %s\n", what, strerror(errno));
}

uint64_t number(const char *table, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = table; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, length) == 0)
			return strtoull(line + length + 1, NULL, 10);
	}
	return 0;
}

const char *read_file(const char *path)
{
	static char text[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)n;
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return text;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (n < 0)
		complain(path);
	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static void load_one(const char *name, const char *options)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/mods/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, options, 0) < 0 && errno != EEXIST))
		complain(path);
	if (fd >= 0)
		close(fd);
}

void load_module(const char *name, const char *options)
{
	char path[64], needs[1024], *rest = needs, *need;

	snprintf(path, sizeof(path), "/mods/%s.needs", name);
	snprintf(needs, sizeof(needs), "%s", read_file(path));
	while ((need = strsep(&rest, "\n")))
		if (*need)
			load_one(need, "");
	load_one(name, options);
}
