/*
 * The rig's agent in dom0: runs commands that arrive on a serial line and answers with their output.
 *
 *   request   <id> <command in base64>\n
 *   answer    <id> <exit status> <output in base64>\n
 *
 * Base64 avoids bytes that a terminal interprets. Each command runs in its own process, so answers may arrive in any
 * order, and a long command does not delay others. The output includes standard error. Background processes of a
 * command must not keep the agent's pipe open: redirect their output.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MAX_COMMANDS 32
#define MAX_LINE 262144
#define MAX_OUTPUT (1 << 20)

struct command {
	pid_t pid;
	int fd;
	char *id;
	char *output;
	size_t length;
};

static struct command commands[MAX_COMMANDS];
static int line_fd;

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void write_all(const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(line_fd, data, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("agent: write");
		data += n;
		length -= (size_t)n;
	}
}

static size_t decode(const char *text, char *out)
{
	size_t length = 0;
	uint32_t bits = 0;
	int have = 0;

	for (; *text && *text != '='; text++) {
		const char *at = strchr(alphabet, *text);
		if (!at)
			continue;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[length++] = (char)(bits >> have);
		}
	}
	return length;
}

static size_t encode(const unsigned char *data, size_t length, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i += 3) {
		uint32_t bits = (uint32_t)data[i] << 16;
		if (i + 1 < length)
			bits |= (uint32_t)data[i + 1] << 8;
		if (i + 2 < length)
			bits |= data[i + 2];
		out[n++] = alphabet[bits >> 18 & 63];
		out[n++] = alphabet[bits >> 12 & 63];
		out[n++] = i + 1 < length ? alphabet[bits >> 6 & 63] : '=';
		out[n++] = i + 2 < length ? alphabet[bits & 63] : '=';
	}
	return n;
}

static void answer(const char *id, int status, const char *output, size_t length)
{
	char *line = malloc(strlen(id) + 64 + (length + 2) / 3 * 4);
	size_t n;

	if (!line)
		fail("agent: malloc");
	n = (size_t)sprintf(line, "%s %d ", id, status);
	n += encode((const unsigned char *)output, length, line + n);
	line[n++] = '\n';
	write_all(line, n);
	free(line);
}

static void start(const char *id, const char *command)
{
	struct command *c = NULL;
	int ends[2];

	for (int i = 0; i < MAX_COMMANDS && !c; i++)
		if (commands[i].pid == 0)
			c = &commands[i];
	if (!c || pipe2(ends, O_CLOEXEC) < 0) {
		static const char busy[] = "agent: too many commands at once\n";
		answer(id, 127, busy, sizeof(busy) - 1);
		return;
	}
	c->pid = fork();
	if (c->pid < 0)
		fail("agent: fork");
	if (c->pid == 0) {
		int nothing = open("/dev/null", O_RDONLY);
		setsid();
		dup2(nothing, 0);
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	c->fd = ends[0];
	c->output = NULL;
	c->length = 0;
	c->id = strdup(id);
}

static void finish(struct command *c)
{
	int status;

	close(c->fd);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	answer(c->id, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), c->output, c->length);
	free(c->id);
	free(c->output);
	memset(c, 0, sizeof(*c));
}

static void collect(struct command *c)
{
	char buffer[4096];
	ssize_t n = read(c->fd, buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		finish(c);
		return;
	}
	if (c->length + (size_t)n > MAX_OUTPUT)
		return; /* the rest is dropped: a serial line is too slow for a megabyte */
	c->output = realloc(c->output, c->length + (size_t)n);
	if (!c->output)
		fail("agent: realloc");
	memcpy(c->output + c->length, buffer, (size_t)n);
	c->length += (size_t)n;
}

static void take_line(char *line)
{
	static char command[MAX_LINE];
	char *space = strchr(line, ' ');

	if (!space)
		return; /* noise on the line */
	*space = '\0';
	command[decode(space + 1, command)] = '\0';
	start(line, command);
}

static void take_input(void)
{
	static char line[MAX_LINE];
	static size_t length;
	char buffer[4096];
	ssize_t n = read(line_fd, buffer, sizeof(buffer));

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		fail("agent: read");
	for (ssize_t i = 0; i < n; i++) {
		if (buffer[i] == '\n') {
			line[length] = '\0';
			take_line(line);
			length = 0;
		} else if (length < sizeof(line) - 1) {
			line[length++] = buffer[i];
		}
	}
}

int main(int argc, char **argv)
{
	struct termios raw;

	if (argc != 2) {
		fprintf(stderr, "usage: agent TTY\n");
		return 2;
	}
	line_fd = open(argv[1], O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line_fd < 0 || tcgetattr(line_fd, &raw) < 0)
		fail(argv[1]);
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	raw.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(line_fd, TCSAFLUSH, &raw) < 0)
		fail("agent: tcsetattr");
	write_all("ready 0 \n", 9);

	for (;;) {
		struct pollfd fds[MAX_COMMANDS + 1] = { { .fd = line_fd, .events = POLLIN } };

		for (int i = 0; i < MAX_COMMANDS; i++) {
			fds[i + 1].fd = commands[i].pid ? commands[i].fd : -1;
			fds[i + 1].events = POLLIN;
		}
		if (poll(fds, MAX_COMMANDS + 1, -1) < 0 && errno != EINTR)
			fail("agent: poll");
		for (int i = 0; i < MAX_COMMANDS; i++)
			if (fds[i + 1].revents)
				collect(&commands[i]);
		if (fds[0].revents)
			take_input();
	}
}
