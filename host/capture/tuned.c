// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tuned.c - a capture whose radio is tuned to something else while it runs
 *
 * Records tell of the blocks in which it may have been, and not what to: the board is asked for
 * that, which takes as long as its drivers, in a thread of its own. What it says is of the moment
 * in which it says it, so of a tuning that was followed by another one meanwhile it stays unknown.
 */
#include "capture.h"
#include "host/cmd.h"
#include "host/interrupt.h"

#include <inttypes.h>
#include <stdlib.h>

static bool is_recorded(const struct capture *capture)
{
	return capture->recording && capture->options.format == RECORDING_SIGMF;
}

static struct recording_tuning *latest(const struct retuning *retuning)
{
	const struct recording_tunings *tunings = &retuning->tunings;

	return tunings->count ? &tunings->list[tunings->count - 1] : NULL;
}

/* ---- when it was tuned ---- */

static void tell(struct capture *capture, unsigned int flags, uint64_t at)
{
	const bool rate = flags & IIOBRIDGE_RECORD_RATE_CHANGED;
	const char *what = rate ? "sample rate" : "signal";

	if (!(flags & ~capture->retuning.told) || capture->options.common.quiet)
		return;
	capture->retuning.told |= flags;
	if (is_recorded(capture))
		cmd_complain("%sthe route was tuned to another %s near sample %" PRIu64
			     " of the output: a segment of the recording begins there%s",
			     capture->label, what, at,
			     rate ? ", and core:sample_rate stays what it was before" : "");
	else
		cmd_complain("%sthe route was tuned to another %s near sample %" PRIu64
			     " of the output: what is said of it is as it was before",
			     capture->label, what, at);
}

/* Another one; NULL where there is no room for more. */
static struct recording_tuning *add(struct retuning *retuning)
{
	struct recording_tunings *tunings = &retuning->tunings;
	const size_t room = retuning->room ? 2 * retuning->room : 16;
	struct recording_tuning *list;

	if (tunings->count == retuning->room && tunings->count < RECORDING_TUNINGS_MAX) {
		list = reallocarray(tunings->list, room, sizeof(*list));
		tunings->list = list ? list : tunings->list;
		retuning->room = list ? room : retuning->room;
	}
	tunings->more = tunings->more || tunings->count == retuning->room;
	return tunings->more ? NULL : &tunings->list[tunings->count++];
}

static void begin(struct capture *capture, const struct iiobridge_block_record *record, uint64_t at)
{
	struct retuning *retuning = &capture->retuning;
	struct recording_tuning *before = latest(retuning), *tuning;

	/* What the board said of the one before may have been of this one already. */
	if (before && before->at >= capture->losses.begin &&
	    before->state == RECORDING_TUNING_KNOWN && record->sequence <= before->asked)
		*before = (struct recording_tuning){
			.at = before->at,
			.end = before->end,
			.sequence = before->sequence,
			.state = RECORDING_TUNING_SUPERSEDED,
			.rate_changed = before->rate_changed,
			.at_ns = before->at_ns,
			.end_ns = before->end_ns,
		};
	tuning = add(retuning);
	if (!tuning)
		return;
	*tuning = (struct recording_tuning){
		.at = at,
		.sequence = record->sequence,
		.at_ns = record->records_missing || record->samples_lost ||
					 record->flags & IIOBRIDGE_RECORD_HAS_GAP
				 ? 0
				 : retuning->filled_ns,
	};
	retuning->is_open = true;
}

/*
 * The board says it with the block that it sends next, which may have been full for long: the radio
 * was tuned in one of those that were full behind the block that it had sent before, up to the one
 * that became full behind that moment.
 */
void capture_take_tuning(struct capture *capture, const struct iiobridge_block_record *record)
{
	const unsigned int flags =
		record->flags & (IIOBRIDGE_RECORD_WAS_TUNED | IIOBRIDGE_RECORD_RATE_CHANGED);
	const uint64_t at = capture->losses.begin + record->place;
	struct retuning *retuning = &capture->retuning;
	struct recording_tuning *tuning;

	if (record->flags & IIOBRIDGE_RECORD_IS_END || record->samples == 0)
		return;
	if (flags)
		tell(capture, flags, at);
	if (!is_recorded(capture))
		return;
	if (flags) {
		if (!retuning->is_open)
			begin(capture, record, at);
		retuning->over_ns = record->delivered_ns;
	}
	if (retuning->is_open) {
		tuning = latest(retuning);
		tuning->rate_changed |= (flags & IIOBRIDGE_RECORD_RATE_CHANGED) != 0;
		tuning->end = at + record->samples;
		tuning->end_ns = record->filled_ns;
		retuning->is_open = record->filled_ns < retuning->over_ns;
	}
	retuning->filled_ns = record->filled_ns;
}

void capture_forget_tunings(struct capture *capture)
{
	struct recording_tunings *tunings = &capture->retuning.tunings;

	while (tunings->count && latest(&capture->retuning)->at >= capture->samples)
		tunings->count--;
	capture->retuning.filled_ns = 0;
}

/* ---- what to ---- */

static int ask(struct inquiry *inquiry)
{
	struct iiobridge_statistics_info statistics;
	struct iiobridge_route *route;
	int status;

	status = tuning_read_radio(inquiry->board, inquiry->route, &inquiry->failure,
				   &inquiry->radio);
	if (status == STATUS_OK)
		status = cmd_library(&inquiry->failure,
				     iiobridge_route_get(inquiry->board, inquiry->route, &route));
	if (status != STATUS_OK)
		return status;
	inquiry->sample_rate = iiobridge_route_sample_rate(route);
	iiobridge_route_free(route);
	status = cmd_library(
		&inquiry->failure,
		iiobridge_route_statistics(inquiry->board, inquiry->route, &statistics));
	inquiry->delivered = status == STATUS_OK ? statistics.blocks_delivered : 0;
	return status;
}

static void *run_thread(void *context)
{
	struct inquiry *inquiry = context;

	inquiry->status = ask(inquiry);
	atomic_store(&inquiry->done, true);
	return NULL;
}

/* Whether one is under way now. */
static bool start(struct capture *capture)
{
	struct retuning *retuning = &capture->retuning;
	struct inquiry *inquiry = &retuning->inquiry;
	struct recording_tuning *tuning = latest(retuning);

	if (retuning->is_open || !tuning || tuning->state != RECORDING_TUNING_PENDING)
		return false;
	*inquiry = (struct inquiry){
		.board = capture->board,
		.route = capture->index,
		.tuning = retuning->tunings.count - 1,
	};
	inquiry->has_thread = interrupt_thread(&inquiry->thread, run_thread, inquiry);
	if (!inquiry->has_thread)
		tuning->state = RECORDING_TUNING_FAILED;
	return inquiry->has_thread;
}

static void take_answer(struct capture *capture)
{
	const struct inquiry *inquiry = &capture->retuning.inquiry;
	const struct recording_tunings *tunings = &capture->retuning.tunings;
	struct recording_tuning *tuning = &tunings->list[inquiry->tuning];

	/* The next one, or those that came before it was over, were not asked for. */
	for (size_t i = inquiry->tuning + 1; i + 1 < tunings->count; i++)
		tunings->list[i].state = RECORDING_TUNING_SUPERSEDED;
	if (inquiry->status != STATUS_OK) {
		tuning->state = RECORDING_TUNING_FAILED;
		cmd_complain("%swhat the route was tuned to in sample %" PRIu64
			     " of the output is not known: %s",
			     capture->label, tuning->at, inquiry->failure.message);
		return;
	}
	if (inquiry->tuning + 1 < tunings->count && tuning[1].sequence <= inquiry->delivered) {
		tuning->state = RECORDING_TUNING_SUPERSEDED;
		return;
	}
	tuning->state = RECORDING_TUNING_KNOWN;
	tuning->asked = inquiry->delivered;
	tuning->radio = inquiry->radio;
	tuning->sample_rate = inquiry->sample_rate;
}

static void finish(struct capture *capture)
{
	pthread_join(capture->retuning.inquiry.thread, NULL);
	capture->retuning.inquiry.has_thread = false;
	take_answer(capture);
}

void capture_ask_tuning(struct capture *capture)
{
	struct inquiry *inquiry = &capture->retuning.inquiry;

	if (inquiry->has_thread && atomic_load(&inquiry->done))
		finish(capture);
	if (!inquiry->has_thread)
		start(capture);
}

void capture_settle_tuning(struct capture *capture)
{
	struct inquiry *inquiry = &capture->retuning.inquiry;

	capture->retuning.is_open = false;
	do {
		if (inquiry->has_thread)
			finish(capture);
	} while (start(capture));
}
