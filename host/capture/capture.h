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

#include "host/counter.h"
#include "host/files/failure.h"
#include "host/files/gaps.h"
#include "host/files/record_file.h"
#include "host/files/recording.h"
#include "host/options.h"
#include "host/report.h"

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

/** struct capture_options - the options, 0 or NULL where they were not given */
struct capture_options {
	struct options common;
	const char *routes[CAPTURE_ROUTES_MAX]; /* the arguments of -r */
	size_t route_count;
	const char *output; /* file that the samples go to, or an endpoint */
	const char *author;
	uint64_t microseconds; /* to capture, on the converter's clock */
	enum recording_format format;
	enum datatype_pairing pairing;
	bool verify;	/* check the counter */
	bool reconnect; /* go on when the board was away */
};

/** struct inquiry - what the board is asked for by a thread of its own, as drivers take their time
 */
struct inquiry {
	struct iiobridge_board *board;
	unsigned int route;
	size_t tuning; /* place of the tuning behind which it is asked for */
	pthread_t thread;
	bool has_thread;
	atomic_bool done; /* then what follows is the capture's again */
	int status;
	struct failure failure;
	struct sigmf_radio radio;
	double sample_rate;
	uint64_t delivered; /* blocks, when all that was said */
};

/** struct retuning - where the radio was tuned while the route ran */
struct retuning {
	struct recording_tunings tunings; /* for the metadata */
	size_t room;
	bool is_open;	    /* the latest is not over yet, … */
	uint64_t over_ns;   /* … but with the block that is full then, by the board's clock */
	uint64_t filled_ns; /* when the block before was; 0: samples may be missing behind it */
	unsigned int told;  /* flags of records that the user knows of */
	struct inquiry inquiry;
};

/** struct capture - a capture from one route */
struct capture {
	struct capture_options options; /* route, serial number and files are those of this one */
	char argument[192];		/* of -r, cut at its colon */
	char label[192]; /* name in messages, with a colon and a blank; empty if the only one */
	char *paths[2];	 /* names of output and file of records, where they are made of others */
	_Atomic(struct capture *) *first_failed; /* of all, whose reason is told; or NULL */
	struct iiobridge_board *board;
	struct iiobridge_board *board_again; /* the capture's own, behind a break; or NULL */
	char serial[128];		     /* of the board, empty where it has none */
	unsigned int index;		     /* number of the route */
	struct iiobridge_stream_settings settings;
	struct sigmf_radio radio;      /* of the route, before the run; for the metadata */
	struct iiobridge_route *route; /* as it ran first */
	uint64_t wanted;	       /* samples in the end, 0 when there is no end */

	atomic_bool stopping; /* somebody has stopped the route */

	/* Who looks while the thread works does so under the lock, up to lost_before. */
	pthread_mutex_t lock;
	struct iiobridge_rx *rx; /* NULL between two runs */
	uint64_t samples;	 /* of all runs that are in the output */
	uint64_t nanoseconds;	 /* time until then, without the breaks */
	uint64_t gaps_before;	 /* gaps of earlier runs */
	uint64_t lost_before;	 /* samples that were lost in these */

	bool begun;	     /* a run was started, or brought samples: there is something to tell */
	uint64_t started_ns; /* when the run was started */
	uint64_t before_ns;  /* time that earlier runs took */
	uint64_t first_left; /* bytes of the run's first block that are still to come */
	uint64_t arrived_ns; /* when the last of the others came, nanoseconds since 1970 */
	struct iiobridge_block_record first; /* of the run; of no samples while there is none */
	bool has_clock;			     /* of the run, the library's has been noted */
	struct losses losses;		     /* what the records of all runs say */
	struct recording_facts facts;
	size_t gaps_seen; /* gaps that were looked at, to be told */
	size_t gaps_told; /* gaps that were told one by one */
	struct retuning retuning;
	struct verify *verify; /* this and the next two: NULL where not wanted */
	struct recording *recording;
	struct record_file *record_file;
	struct recording_setup setup;
	struct recording_end end;
	char hw[256];	    /* for the metadata */
	char note[256];	    /* what else is to be said in them, or empty */
	uint64_t kept_ns;   /* when metadata of what has arrived were kept last, 0: not yet */
	uint64_t kept_gaps; /* gaps in these */

	sem_t *ended; /* of all captures: counts those whose threads have ended */
	pthread_t thread;
	bool has_thread;
	atomic_bool done;	/* the thread has ended */
	int status;		/* how: enum exit_status, */
	struct failure reason;	/* and why */
	struct failure failure; /* of what is about to fail, also where it is not what is told */
};

/** struct captures - all routes together; one is several with a number of 1 */
struct captures {
	const struct capture_options *options;
	struct capture list[CAPTURE_ROUTES_MAX];
	size_t count;
	struct iiobridge_board *boards[CAPTURE_ROUTES_MAX]; /* that they are of, each once */
	size_t board_count;
	_Atomic(struct capture *) first_failed; /* or NULL */
	sem_t ended;				/* counts the threads that have ended */
	json_t *reports;			/* the ends of several, or NULL */
	char *collection;			/* base name of that of several, or NULL */
	struct failure failure; /* before there is a capture, and of the collection */
};

/* ---- route.c: a capture from one route ---- */

/**
 * capture_prepare() - open the stream, and then the files
 *
 * A capture that cannot begin leaves older files alone. Returns an enum exit_status, with the
 * reason in the capture's failure.
 */
int capture_prepare(struct capture *capture);

/**
 * capture_start() - start the route, and tell of errors; the status is in the capture, too
 *
 * What came before a start failed is taken by capture_run() as of any other.
 */
int capture_start(struct capture *capture);

/**
 * capture_run() - take samples until there are enough, somebody stops the route, or something fails
 *
 * Of a capture whose start was tried. With --reconnect it goes on when the board is back. Tells of
 * errors, and of gaps as they come. The status is in the capture then.
 */
void capture_run(struct capture *capture);

/**
 * capture_fail() - the capture has failed, or a signal has come; nothing with %STATUS_OK
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

/** capture_release() - release what a capture has, but its board */
void capture_release(struct capture *capture);

/* ---- tuned.c: what it is tuned to while it runs ---- */

/** capture_take_tuning() - take the next record of the run, to see whether the radio was tuned */
void capture_take_tuning(struct capture *capture, const struct iiobridge_block_record *record);

/** capture_ask_tuning() - have the board asked what it was tuned to; does not wait for it */
void capture_ask_tuning(struct capture *capture);

/** capture_settle_tuning() - the run has ended: wait until it is known what it was tuned to */
void capture_settle_tuning(struct capture *capture);

/** capture_forget_tunings() - another run begins: forget those of samples that did not arrive */
void capture_forget_tunings(struct capture *capture);

/* ---- reconnect.c: a capture that goes on when its board was away ---- */

/** capture_go_on() - go on when the board is back; whether that was tried as by capture_start() */
bool capture_go_on(struct capture *capture);

/** capture_is_same_route() - whether two answers are about the same route, with the same samples */
bool capture_is_same_route(const struct iiobridge_route *one, const struct iiobridge_route *other);

/* ---- end.c: what is told in the end ---- */

/** capture_is_pipe() - whether the name of an output, or NULL, is that of standard output */
bool capture_is_pipe(const char *path);

/**
 * captures_finish() - when all threads have ended, complete the files, and tell how it ended
 *
 * Of a start that failed and brought no sample there is nothing to tell. Returns an enum
 * exit_status.
 */
int captures_finish(struct captures *captures);

#endif
