/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture_job.h - the work of iiobridge capture
 *
 * A capture is one run of a route, or several with breaks between them, into one output. What is
 * told of it is in capture_tell.c.
 */
#ifndef HOST_CAPTURE_JOB_H
#define HOST_CAPTURE_JOB_H

#include "capture.h"
#include "files/recording.h"
#include "job.h"
#include "runs.h"
#include "verdict.h"
#include "verify.h"

#include <iiobridge/protocol.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many routes are captured from at once. */
#define CAPTURE_ROUTES_MAX 16

/**
 * struct capture_options - the options, 0 or NULL where they were not given
 * @common: those that commands share
 * @routes: the arguments of -r
 * @route_count: their number
 * @output: file that the samples go to, or endpoint at which they are published
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
 * struct capture_job - a capture
 * @job: what it shares with other commands
 * @options: its options
 * @capture: the run that streams; NULL between two runs
 * @runs: all runs
 * @route: the route as it ran first
 * @channels: its channels
 * @verify: the check of the counter, or NULL
 * @verdict: what that found in the end
 * @setup: what is recorded
 * @recording: the output, or NULL
 * @hw: the hardware, for the metadata
 * @note: what else is to be said in the metadata, or empty
 * @collection: base name of the collection of recordings that it is a part of, or NULL
 * @estimated: whether lengths of gaps are estimates
 * @begun: whether a run was started, or samples came
 * @finished: whether the recording is finished
 * @end: what became of it then
 * @kept_ns: when metadata of what has arrived were last kept, 0: not yet
 * @kept_gaps: gaps in them
 * @gaps_seen: gaps of the records that were looked at
 * @gaps_told: gaps that were told one by one
 */
struct capture_job {
	struct job job;
	const struct capture_options *options;
	struct capture *capture;
	struct runs runs;
	struct iiobridge_route_info route;
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
	struct verify *verify;
	struct verdict verdict;
	struct recording_setup setup;
	struct recording *recording;
	char hw[256];
	char note[256];
	const char *collection;
	bool estimated;
	bool begun;
	bool finished;
	struct recording_end end;
	uint64_t kept_ns;
	uint64_t kept_gaps;
	size_t gaps_seen;
	size_t gaps_told;
};

/**
 * capture_job_work() - capture
 * @context: struct capture_job, with its @job begun and its @options
 * @device: the board
 *
 * Return: enum iiobridge_status, after what there is to tell.
 */
int capture_job_work(void *context, struct device *device);

/**
 * capture_job_prepare() - prepare the first run, and open the files
 * @job: the job
 * @device: the board
 *
 * Return: 0 or negative errno as in device.h and recording.h.
 */
int capture_job_prepare(struct capture_job *job, struct device *device);

/**
 * capture_job_start() - start the run that was prepared, for what is missing of the amount
 * @job: the job
 *
 * Return: 0 or negative errno as capture_start(); the capture is finished then.
 */
int capture_job_start(struct capture_job *job);

/**
 * capture_job_turn() - move on, as struct job_moves has it
 * @context: struct capture_job, started
 * @timeout_ms: how long to wait at most, milliseconds
 *
 * Return: 1 when all is there, 0, or a negative errno as capture_poll().
 */
int capture_job_turn(void *context, unsigned int timeout_ms);

/**
 * capture_job_stop() - stop the run, and take what arrived
 * @job: the job, started
 * @status: the exit status so far
 *
 * Return: the exit status.
 */
int capture_job_stop(struct capture_job *job, int status);

/**
 * capture_job_end() - complete the files, and tell the end
 * @job: the job, stopped
 * @status: the exit status so far
 *
 * Return: the exit status.
 */
int capture_job_end(struct capture_job *job, int status);

/**
 * capture_job_clear() - release what the job has
 * @job: the job
 */
void capture_job_clear(struct capture_job *job);

/**
 * capture_get_progress() - tell how far all runs are together
 * @context: struct capture_job
 * @progress: gets it
 */
void capture_get_progress(void *context, struct progress *progress);

/**
 * capture_tell_gaps() - tell of the gaps that became known meanwhile, unless there are too many
 * @job: the job
 * @estimated: whether their lengths are estimates
 */
void capture_tell_gaps(struct capture_job *job, bool estimated);

/**
 * capture_tell_end() - tell the end of a capture: amount, losses, breaks, and the check
 * @job: the job, whose files are closed
 * @status: the exit status so far
 *
 * Return: the exit status: @status, or what the check or the telling adds.
 */
int capture_tell_end(struct capture_job *job, int status);

/**
 * capture_split_route() - read SERIAL:ROUTE or ROUTE
 * @text: the text
 * @room: gets a copy of it, cut at the colon
 * @size: bytes in @room
 * @options: gets the route and, if there is one, the serial number, which point into @room
 */
void capture_split_route(const char *text, char *room, size_t size, struct options *options);

/**
 * capture_is_pipe() - whether an output is standard output
 * @path: its name, or NULL
 *
 * Return: whether it is "-".
 */
bool capture_is_pipe(const char *path);

#endif
