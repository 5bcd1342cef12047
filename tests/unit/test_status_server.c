// SPDX-License-Identifier: GPL-2.0-or-later
/* The status socket, and peers that a daemon must not wait for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "systemd/status_client.h"
#include "systemd/status_server.h"
#include "test_block.h"

static char directory[] = "/tmp/iiobridge-status-XXXXXX";
static char path[sizeof(directory) + 8];
static sd_event *event;
static struct status_server *server;

static void get_status(void *userdata, struct status *status)
{
	(void)userdata;
	*status = (struct status){ .state = FUNCTION_BOUND };
}

static const struct status_source source = { .get = get_status };

static int begin(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/status", directory);
	return sd_event_new(&event) < 0 || status_server_new(&server, event, path, &source);
}

static int end(void **state)
{
	(void)state;
	status_server_free(server);
	event = sd_event_unref(event);
	/* It leaves no socket behind. */
	return access(path, F_OK) == 0;
}

static int connect_peer(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, path, sizeof(path));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Let the server do all that it can; it takes a moment between some peers and the next. */
static void turn(void)
{
	while (sd_event_run(event, 300000) > 0)
		;
}

static void say(int peer, const char *text)
{
	assert_int_equal(send(peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* The peer has received an answer that begins so, and nothing follows. */
static void assert_answered(int peer, const char *beginning)
{
	char answer[4096];
	ssize_t size = recv(peer, answer, sizeof(answer) - 1, 0);

	assert_true(size > 0);
	answer[size] = '\0';
	if (strncmp(answer, beginning, strlen(beginning)) != 0)
		fail_msg("it answers: %s", answer);
	assert_int_equal(recv(peer, answer, sizeof(answer), 0), 0);
	close(peer);
}

static void every_user_may_ask(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0666);
}

static void a_peer_gets_what_it_asks_for(void **state)
{
	int text = connect_peer(), json = connect_peer(), other = connect_peer();

	(void)state;
	say(text, "text\n");
	say(json, "js");
	turn();
	say(json, "on\n");
	say(other, "help\n");
	turn();
	assert_answered(text, "iiobridged " IIOBRIDGE_VERSION ", no host\n");
	assert_answered(json, "{\n  \"version\": ");
	assert_answered(other, "ask for \"text\" or \"json\"\n");
}

static void a_request_may_end_with_the_connection(void **state)
{
	int peer = connect_peer();

	(void)state;
	say(peer, "json");
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	turn();
	assert_answered(peer, "{");
}

static void a_peer_that_says_nothing_gives_way_to_others(void **state)
{
	int silent[STATUS_SERVER_PEERS + 1], peer;
	char byte;

	(void)state;
	for (unsigned int i = 0; i < STATUS_SERVER_PEERS; i++)
		silent[i] = connect_peer();
	turn();
	assert_int_equal(recv(silent[0], &byte, 1, 0), -1);
	peer = connect_peer();
	say(peer, "text\n");
	turn();
	assert_answered(peer, "iiobridged");
	/* That which came first has gone, the others have not. */
	assert_int_equal(recv(silent[0], &byte, 1, 0), 0);
	say(silent[1], "text\n");
	turn();
	assert_answered(silent[1], "iiobridged");
	close(silent[0]);
	for (unsigned int i = 2; i < STATUS_SERVER_PEERS; i++)
		close(silent[i]);
}

static void a_peer_that_goes_before_its_answer_harms_nobody(void **state)
{
	int peer = connect_peer();

	(void)state;
	say(peer, "json\n");
	close(peer);
	turn();
	peer = connect_peer();
	say(peer, "json\n");
	turn();
	assert_answered(peer, "{");
}

static void a_socket_that_was_left_behind_is_replaced(void **state)
{
	struct status_server *second;
	int peer;

	(void)state;
	assert_int_equal(status_server_new(&second, event, path, &source), 0);
	peer = connect_peer();
	say(peer, "text\n");
	turn();
	assert_answered(peer, "iiobridged");
	status_server_free(second);
}

static void no_peer_is_served_before_a_block(void **state)
{
	int peers[10];

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		peers[i] = connect_peer();
	turn();
	for (unsigned int i = 0; i < 10; i++)
		say(peers[i], "text\n");
	close(connect_peer());
	assert_int_equal(turns_of_a_block(event, 100), 100);
	turn();
	for (unsigned int i = 0; i < 10; i++)
		assert_answered(peers[i], "iiobridged");
}

static void without_a_daemon_there_is_no_status(void **state)
{
	(void)state;
	assert_int_equal(status_client_run("/tmp/iiobridge-nothing/status", false),
			 STATUS_CLIENT_NOT_RUNNING);
}

#define server_test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		server_test(every_user_may_ask),
		server_test(a_peer_gets_what_it_asks_for),
		server_test(a_request_may_end_with_the_connection),
		server_test(a_peer_that_says_nothing_gives_way_to_others),
		server_test(a_peer_that_goes_before_its_answer_harms_nobody),
		server_test(a_socket_that_was_left_behind_is_replaced),
		server_test(no_peer_is_served_before_a_block),
		cmocka_unit_test(without_a_daemon_there_is_no_status),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests_name("status server", tests, NULL, NULL);
	rmdir(directory);
	return failed;
}
