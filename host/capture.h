/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture.h - iiobridge capture: its options, a capture from one route, and all together
 *
 * A capture is one run of a route, or several with breaks between them in which the board was away,
 * into one output. Each route has a thread that takes samples from the library and writes them: an
 * output that is full stops its own route, and nothing else. The main thread shows how far they
 * are, and stops all when a signal comes or one fails.
 */
#ifndef HOST_CAPTURE_H
#define HOST_CAPTURE_H

#include "counter.h"
#include "files/failure.h"
#include "files/gaps.h"
#include "files/record_file.h"
#include "files/recording.h"
#include "options.h"
#include "progress.h"

#include <iiobridge/iiobridge.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many routes are captured from at once. */
#define CAPTURE_ROUTES_MAX 16

/* So many gaps, or breaks, are told one by one. */
#define CAPTURE_TOLD_MAX 10

/**
 * struct capture_options - the options, 0 or NULL where they were not given
 * @common: those that commands share
 * @routes: the arguments of -r
 * @route_count: their number
 * @output: file that the samples go to, or address at which they are published
 * @author: who makes the recording
 * @microseconds: time to capture, on the converter's clock
 * @format: kind of the output
 * @pairing: which channels are I and Q
 * @verify: check the counter
 * @reconnect: go on when the board was away
 */
struct capture_options {
	struct options common;
	const char *routes[CAPTURE_ROUTES_MAX];
	size_t route_count;
	const char *output;
	const char *author;
	uint64_t microseconds;
	enum recording_format format;
	enum datatype_pairing pairing;
	bool verify;
	bool reconnect;
};

/**
 * struct capture - a capture from one route
 * @options: what the user wants; route, serial number and files are those of this one
 * @argument: text of -r, cut at its colon
 * @label: name of the capture in messages, with a colon and a blank; empty where it is the only one
 * @paths: names of the output and of the file of records, where they are made of others
 * @first_failed: of all captures: the first that failed, whose reason is told; or NULL
 * @board: the board
 * @board_again: the same one behind a break, which is the capture's own; or NULL
 * @serial: its serial number, empty where it has none
 * @index: number of the route
 * @settings: of the stream
 * @route: the route as it ran first
 * @wanted: samples in the end, 0 when there is no end
 *
 * @stopping: somebody has stopped the route
 * @lock: protects what follows, up to @lost_before, against who looks while the thread works
 * @rx: the stream; NULL between two runs
 * @samples: samples of all runs that are in the output
 * @nanoseconds: time until then, without the breaks
 * @gaps_before: gaps of earlier runs
 * @lost_before: samples that were lost in these
 *
 * @begun: a run was started, or brought samples: there is something to tell of
 * @started_ns: when the run was started
 * @before_ns: time that earlier runs took
 * @first_left: bytes of the run's first block that are still to come
 * @arrived_ns: when the last of those that have come did, nanoseconds since 1970
 * @first: the run's first record, of no samples while there is none
 * @losses: what the records of all runs say
 * @runs: each run
 * @run_count: their number
 * @estimated: whether lengths of gaps are estimates
 * @gaps_seen: gaps that were looked at, to be told
 * @gaps_told: gaps that were told one by one
 * @verify: the check of the counter, or NULL
 * @setup: what is recorded
 * @recording: the output, or NULL
 * @record_file: where the records go, or NULL
 * @end: what became of the recording
 * @hw: the hardware, for the metadata
 * @note: what else is to be said in the metadata, or empty
 * @collection: base name of the collection of recordings that it is a part of, or NULL
 * @kept_ns: when metadata of what has arrived were last kept, 0: not yet
 * @kept_gaps: gaps in them
 * @ended: of all captures: counts those whose threads have ended
 * @thread: the thread, when @has_thread
 * @done: the thread has ended
 * @status: how it ended: enum exit_status
 * @reason: why
 * @failure: reason of what is about to fail, also where it is not what is told
 */
struct capture {
	struct capture_options options;
	char argument[192];
	char label[192];
	char *paths[2];
	_Atomic(struct capture *) *first_failed;
	struct iiobridge_board *board;
	struct iiobridge_board *board_again;
	char serial[128];
	unsigned int index;
	struct iiobridge_stream_settings settings;
	struct iiobridge_route *route;
	uint64_t wanted;

	atomic_bool stopping;
	pthread_mutex_t lock;
	struct iiobridge_rx *rx;
	uint64_t samples;
	uint64_t nanoseconds;
	uint64_t gaps_before;
	uint64_t lost_before;

	bool begun;
	uint64_t started_ns;
	uint64_t before_ns;
	uint64_t first_left;
	uint64_t arrived_ns;
	struct iiobridge_block_record first;
	struct losses losses;
	struct recording_run *runs;
	size_t run_count;
	bool estimated;
	size_t gaps_seen;
	size_t gaps_told;
	struct verify *verify;
	struct recording_setup setup;
	struct recording *recording;
	struct record_file *record_file;
	struct recording_end end;
	char hw[256];
	char note[256];
	const char *collection;
	uint64_t kept_ns;
	uint64_t kept_gaps;
	sem_t *ended;
	pthread_t thread;
	bool has_thread;
	atomic_bool done;
	int status;
	struct failure reason;
	struct failure failure;
};

/**
 * struct captures - all routes together; one is several with a number of 1
 * @options: what the user wants
 * @list: the captures
 * @count: their number
 * @boards: boards that they are of, each once
 * @board_count: their number
 * @first_failed: the first that failed, or NULL
 * @ended: counts the threads that have ended
 * @reports: the ends of several as JSON objects, or NULL
 * @collection: base name of that of several recordings, or NULL
 * @failure: reason of what fails before there is a capture, and of the collection
 */
struct captures {
	const struct capture_options *options;
	struct capture list[CAPTURE_ROUTES_MAX];
	size_t count;
	struct iiobridge_board *boards[CAPTURE_ROUTES_MAX];
	size_t board_count;
	_Atomic(struct capture *) first_failed;
	sem_t ended;
	json_t *reports;
	char *collection;
	struct failure failure;
};

/* ---- capture_route.c: a capture from one route ---- */

/**
 * capture_prepare() - open the stream, and then the files
 * @capture: with its options and its board
 *
 * A capture that cannot begin leaves older files alone.
 *
 * Return: enum exit_status, with the reason in the capture's failure.
 */
int capture_prepare(struct capture *capture);

/**
 * capture_start() - start the route
 * @capture: a capture that was prepared
 *
 * Tells of errors. What came before a start failed is taken by capture_run() as of any other.
 *
 * Return: enum exit_status, which is in the capture, too.
 */
int capture_start(struct capture *capture);

/**
 * capture_run() - take samples until there are enough, somebody stops the route, or something fails
 * @capture: a capture whose start was tried
 *
 * With --reconnect it goes on when the board is back. Tells of errors, and of gaps as they come.
 * The status is in the capture then.
 */
void capture_run(struct capture *capture);

/**
 * capture_fail() - the capture has failed, or a signal has come
 * @capture: the capture
 * @status: enum exit_status, %STATUS_OK for nothing
 * @reason: why, where it is no signal
 *
 * The first thing that fails is told, and decides; what follows from it is not. Of several captures
 * the others are stopped then, and how they end follows from it, too.
 */
void capture_fail(struct capture *capture, int status, const struct failure *reason);

/** capture_stop() - stop the route; what has arrived is still taken. By any thread. */
void capture_stop(struct capture *capture);

/** capture_open_stream() - open the route that the options name; returns as capture_prepare() */
int capture_open_stream(struct capture *capture);

/** capture_get_progress() - how far it is; by any thread */
void capture_get_progress(struct capture *capture, struct progress *progress);

/** capture_has_all() - whether there is as much as was asked for */
bool capture_has_all(const struct capture *capture);

/** capture_tell_gaps() - tell of the gaps that became known meanwhile, unless there are too many */
void capture_tell_gaps(struct capture *capture);

/** capture_facts() - what is known of the recording; @note is a sentence for it, or NULL */
struct recording_facts capture_facts(const struct capture *capture, const char *note);

/** capture_release() - release what a capture has, but its board */
void capture_release(struct capture *capture);

/* ---- capture_reconnect.c: a capture that goes on when its board was away ---- */

/**
 * capture_go_on() - go on when the board is back
 * @capture: a capture whose board has gone
 *
 * Return: whether another run was tried, as by capture_start().
 */
bool capture_go_on(struct capture *capture);

/** capture_is_same_route() - whether two answers are about the same route, with the same samples */
bool capture_is_same_route(const struct iiobridge_route *one, const struct iiobridge_route *other);

/* ---- capture_end.c: what is told in the end ---- */

/** capture_is_pipe() - whether the name of an output, or NULL, is that of standard output */
bool capture_is_pipe(const char *path);

/**
 * captures_finish() - complete the files, and tell how it ended
 * @captures: captures whose threads have ended
 *
 * Of a start that failed and brought no sample there is nothing to tell.
 *
 * Return: enum exit_status.
 */
int captures_finish(struct captures *captures);

#endif
