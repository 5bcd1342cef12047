/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job.h - how the commands capture and play begin, report and end
 *
 * A job has the options, the first reason of a failure, the reader of the board's records and the
 * file that they go to, and the progress that is shown. Like the commands, it prints.
 */
#ifndef HOST_JOB_H
#define HOST_JOB_H

#include "failure.h"
#include "files/record_file.h"
#include "options.h"
#include "progress.h"
#include "records.h"
#include "session.h"

#include <iiobridge/protocol.h>

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

struct device;
struct device_list;
struct summary;

/**
 * struct job - a command that streams
 * @options: the shared options
 * @direction: the direction that the route must have
 * @failure: the reason of the last error: @own_failure, or one that several jobs share
 * @own_failure: room for it
 * @label: name of the job where there are several, with a colon and a blank, or empty
 * @wanted: scans in the end, 0 when there is no end, or it is not known
 * @file_failed: the error that @failure explains is one of the output or the input
 * @show_progress: whether the progress line is shown
 * @shown_ns: when it was shown last
 * @list: the boards, while one is open
 * @device: the board, while it is open
 * @serial: its serial number, empty where it has none
 * @records: reader of the board's records
 * @record_file: where they go, NULL when nobody wants them
 * @route: the board's route, as job_choose_route() found it
 * @channels: its channels
 * @reports: the end as JSON goes there, an array, where several jobs have one object; NULL: it is
 *	printed
 */
struct job {
	const struct options *options;
	enum iiobridge_direction direction;
	struct failure *failure;
	struct failure own_failure;
	char label[192];
	uint64_t wanted;
	bool file_failed;
	bool show_progress;
	uint64_t shown_ns;
	struct device_list *list;
	struct device *device;
	char serial[128];
	struct records *records;
	struct record_file *record_file;
	struct iiobridge_route_info route;
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
	json_t *reports;
};

/**
 * job_init() - begin a job
 * @job: the job
 * @options: the shared options; must outlive the job
 * @direction: the direction that the route must have
 */
void job_init(struct job *job, const struct options *options, enum iiobridge_direction direction);

/**
 * job_run() - open the board, let a command work with it, and close it
 * @job: the job
 * @work: does the work, tells what fails, and returns enum iiobridge_status
 * @context: for @work
 *
 * Return: enum iiobridge_status, after a complaint when the board cannot be opened.
 */
int job_run(struct job *job, int (*work)(void *context, struct device *device), void *context);

/**
 * job_reconnect() - close a board that went away, and open it when it is back
 * @job: the job; nothing of the board may be in use
 *
 * It is the board with the same serial number; where that has none, the only one. The options say
 * how long to wait at most.
 *
 * Return: 0 or negative errno as board_await(); no board is open then.
 */
int job_reconnect(struct job *job);

/**
 * job_choose_route() - find the route and the settings that the options ask for
 * @job: the job; gets the route and its channels
 * @device: the board
 * @settings: gets the settings
 *
 * Return: 0 or negative errno as in device.h.
 */
int job_choose_route(struct job *job, struct device *device, struct session_settings *settings);

/**
 * job_open_record_file() - open the file that the options name for the records, if they do
 * @job: the job
 * @route: the route as it will run
 *
 * Return: 0 or negative errno as record_file_open().
 */
int job_open_record_file(struct job *job, const struct iiobridge_route_info *route);

/**
 * job_close() - close a file that was written, when the work is over
 * @job: the job
 * @error: what the function that closed it returned
 * @status: the status so far
 *
 * The first thing that failed decides the exit status; a consequence of it says no more.
 *
 * Return: @status, or after a complaint that of @error.
 */
int job_close(struct job *job, int error, int status);

/**
 * job_close_record_file() - close the file of records, if there is one
 * @job: the job
 * @status: the status so far
 *
 * Return: as job_close().
 */
int job_close_record_file(struct job *job, int status);

/**
 * job_tell() - tell something while the progress line may be shown
 * @job: the job
 * @format: printf format of a sentence without newline
 */
void job_tell(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * job_complain() - tell the reason of an error
 * @job: the job
 * @error: the negative errno
 *
 * Return: enum iiobridge_status for the error.
 */
int job_complain(const struct job *job, int error);

/**
 * struct job_moves - how a job moves on
 * @turn: waits some time at most and moves on; returns 1 when all is done, 0 when there is more to
 *	do, or a negative errno
 * @get_progress: tells how far it is
 */
struct job_moves {
	int (*turn)(void *context, unsigned int timeout_ms);
	void (*get_progress)(void *context, struct progress *progress);
};

/**
 * job_stream() - move on until all is done, somebody interrupts, or something fails
 * @job: the job
 * @moves: how to move on
 * @context: for @moves
 *
 * Shows the progress line meanwhile, on a terminal and unless the user wants quiet.
 *
 * Return: %STATUS_OK; %STATUS_SIGNAL plus the signal; or the status of an error that was told.
 */
int job_stream(struct job *job, const struct job_moves *moves, void *context);

/**
 * job_fill_progress() - what to show of a session
 * @job: the job
 * @route: the route as it runs
 * @session: how far its session is
 * @trail: what the records of the run say
 * @progress: gets what to show
 */
void job_fill_progress(const struct job *job, const struct iiobridge_route_info *route,
		       const struct session_progress *session, const struct trail *trail,
		       struct progress *progress);

/**
 * job_tell_summary() - tell the end of a session, unless the user wants quiet, or JSON
 * @job: the job
 * @progress: the end
 */
void job_tell_summary(const struct job *job, const struct progress *progress);

/**
 * job_report() - print the end of a session as JSON, or add it to the reports, if the user wants it
 * @job: the job
 * @summary: the end
 * @piped: standard output is taken: the object goes to standard error, in one line
 *
 * Return: the status in @summary; or %STATUS_FILE or %STATUS_FAILED after a complaint, when that is
 * %STATUS_OK.
 */
int job_report(const struct job *job, const struct summary *summary, bool piped);

#endif
