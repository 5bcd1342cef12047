// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

/*
 * Messages are pointers to works, one way to be run, the other way when they are done. Nobody holds
 * a lock that the other one could wait for, whatever their priorities.
 */
struct worker {
	int loop;   /* the loop's end of a pair of sockets */
	int socket; /* the thread's */
	pthread_t thread;
	bool busy;
	sd_event_source *source;
};

static void pass(int socket, struct work *work)
{
	while (send(socket, &work, sizeof(work), MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

/* Return: the next message, NULL when there is none, or none any more. */
static struct work *take(int socket, int flags)
{
	struct work *work;
	ssize_t size;

	do {
		size = recv(socket, &work, sizeof(work), flags);
	} while (size < 0 && errno == EINTR);
	return size == (ssize_t)sizeof(work) ? work : NULL;
}

static void *run_thread(void *userdata)
{
	const struct worker *worker = userdata;
	int socket = worker->socket;
	struct work *work;

	while ((work = take(socket, 0))) {
		const char *route = log_enter_route(work->route);

		work->run(work);
		log_enter_route(route);
		pass(socket, work);
	}
	close(socket);
	return NULL;
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct worker *worker = userdata;
	struct work *work = take(fd, MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (!work)
		return 0;
	worker->busy = false;
	work->done(work);
	return 0;
}

/* A real-time loop would hand on its policy, and a thread that takes signals those of the loop. */
static int start_thread(struct worker *worker)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int ret = pthread_attr_init(&attributes);

	if (ret)
		return -ret;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	if (!ret)
		ret = pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
	/* What is not set is that of this thread, which SCHED_OTHER does not know. */
	if (!ret)
		ret = pthread_attr_setschedparam(&attributes, &(struct sched_param){ 0 });
	if (!ret)
		ret = pthread_create(&worker->thread, &attributes, run_thread, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -ret;
}

int worker_new(struct worker **worker, sd_event *event)
{
	struct worker *new = calloc(1, sizeof(*new));
	int ret, sockets[2];

	if (!new)
		return log_errno(ENOMEM, "cannot make a thread: %m");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
		ret = log_errno(errno, "cannot make a pair of sockets: %m");
		goto err_free;
	}
	new->loop = sockets[0];
	new->socket = sockets[1];
	ret = sd_event_add_io(event, &new->source, new->loop, EPOLLIN, on_done, new);
	if (ret < 0) {
		log_errno(ret, "cannot join the event loop: %m");
		goto err_close;
	}
	ret = start_thread(new);
	if (ret < 0) {
		log_errno(ret, "cannot make a thread: %m");
		goto err_close;
	}
	*worker = new;
	return 0;

err_close:
	sd_event_source_unref(new->source);
	close(new->loop);
	close(new->socket);
err_free:
	free(new);
	return ret;
}

void worker_begin(struct worker *worker, struct work *work)
{
	assert(!worker->busy);
	worker->busy = true;
	pass(worker->loop, work);
}

/* Return: whether the thread has closed its end. */
static bool wait_for_end(const struct worker *worker, uint64_t until_ns)
{
	struct pollfd end = { .fd = worker->loop, .events = POLLIN };
	uint64_t now = clock_now_ns();
	struct timespec patience = clock_timespec(now < until_ns ? until_ns - now : 0);

	/* One that has nothing to do ends at once. */
	while (ppoll(&end, 1, worker->busy ? &patience : NULL, NULL) == 1)
		if (!take(worker->loop, MSG_DONTWAIT))
			return true;
	return false;
}

bool worker_free(struct worker *worker, uint64_t until_ns)
{
	if (!worker)
		return true;
	worker->source = sd_event_source_unref(worker->source);
	shutdown(worker->loop, SHUT_WR);
	if (!wait_for_end(worker, until_ns)) {
		pthread_detach(worker->thread);
		return false;
	}
	pthread_join(worker->thread, NULL);
	close(worker->loop);
	free(worker);
	return true;
}
