// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * status-peers ask N: connects N times to the status socket, all at once, asks for JSON each time,
 * and fails unless each answer is complete.
 * status-peers silent N: connects N times and says nothing until standard input ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "systemd/status.h"

#define MAX_PEERS 4000

static int peers[MAX_PEERS];

static int fail(const char *what, unsigned int number)
{
	fprintf(stderr, "status-peers: peer %u: cannot %s: %s\n", number, what, strerror(errno));
	return -1;
}

/* @request: what each of them says at once, "" for nothing. */
static int connect_peers(unsigned int count, const char *request)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = STATUS_SOCKET };
	struct rlimit limit = { MAX_PEERS + 100, MAX_PEERS + 100 };

	setrlimit(RLIMIT_NOFILE, &limit);
	for (unsigned int i = 0; i < count; i++) {
		peers[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		if (peers[i] < 0 ||
		    connect(peers[i], (struct sockaddr *)&address, sizeof(address)) < 0)
			return fail("connect", i);
		if (request[0] && send(peers[i], request, strlen(request), MSG_NOSIGNAL) < 0)
			return fail("ask", i);
	}
	return 0;
}

/* The whole answer of a peer is one object. */
static int read_answer(unsigned int number)
{
	static char answer[65536];
	size_t size = 0;
	ssize_t got;

	while ((got = recv(peers[number], answer + size, sizeof(answer) - 1 - size, 0)) > 0)
		size += (size_t)got;
	if (got < 0)
		return fail("read its answer", number);
	answer[size] = '\0';
	if (size > 4 && answer[0] == '{' && strcmp(answer + size - 3, "\n}\n") == 0)
		return 0;
	fprintf(stderr, "status-peers: peer %u got: %s\n", number, answer);
	return -1;
}

int main(int argc, char **argv)
{
	unsigned int count = argc == 3 ? (unsigned int)atoi(argv[2]) : 0;
	bool silent;

	if (count == 0 || count > MAX_PEERS) {
		fprintf(stderr, "usage: status-peers ask|silent N, at most %d\n", MAX_PEERS);
		return 2;
	}
	silent = strcmp(argv[1], "silent") == 0;
	if (connect_peers(count, silent ? "" : "json\n") < 0)
		return 1;
	if (silent) {
		puts("connected");
		fflush(stdout);
		while (getchar() != EOF)
			;
		return 0;
	}
	for (unsigned int i = 0; i < count; i++)
		if (read_answer(i) < 0)
			return 1;
	printf("%u answers\n", count);
	return 0;
}
