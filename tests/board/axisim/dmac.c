// SPDX-License-Identifier: GPL-2.0-only
#include <linux/adi-axi-common.h>
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdomain.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>

#include <dt-bindings/dma/axi-dmac.h>

#include "cores.h"
#include "dmac.h"
#include "signal.h"

static bool scatter_gather;
module_param(scatter_gather, bool, 0644);
MODULE_PARM_DESC(scatter_gather,
		 "the DMA engines take lists of segments, not one from the registers (default: 0)");

static unsigned int length_bits = 24;
module_param(length_bits, uint, 0644);
MODULE_PARM_DESC(length_bits, "a segment of the DMA engines has less than 2^n bytes (default: 24)");

#define REG_INTERFACE	0x10
#define REG_IRQ_MASK	0x80
#define REG_IRQ_PENDING 0x84
#define REG_IRQ_SOURCE	0x88
#define REG_CTRL	0x400
#define REG_TRANSFER_ID 0x404
#define REG_START	0x408
#define REG_FLAGS	0x40c
#define REG_DEST	0x410
#define REG_SRC		0x414
#define REG_X_LENGTH	0x418
#define REG_Y_LENGTH	0x41c
#define REG_DONE	0x428
#define REG_LIST	0x47c
#define REG_DEST_HIGH	0x490
#define REG_SRC_HIGH	0x494
#define REG_LIST_HIGH	0x4bc
#define REG_END		0x4c0

#define IRQ_TAKEN BIT(0) /* there is room for another transfer */
#define IRQ_DONE  BIT(1)

#define CTRL_ENABLE BIT(0)
#define FLAG_CYCLIC BIT(0)

#define INTERFACE_SRC_TYPE  GENMASK(13, 12)
#define INTERFACE_SRC_WIDTH GENMASK(11, 8) /* the power of two, bytes */
#define INTERFACE_DST_TYPE  GENMASK(5, 4)
#define INTERFACE_DST_WIDTH GENMASK(3, 0)

#define MEMORY_WIDTH	3
#define CONVERTER_WIDTH 2

/* Transfers that the engine has at once, and numbers that it gives them: bit 31 of REG_DONE is none
 */
#define DEPTH 4
#define IDS   16

/* How much memory is worked on at once */
#define CHUNK SZ_64K

/* An entry of a list in memory */
struct list_entry {
	u32 flags;
	u32 id;
	u64 dest;
	u64 src;
	u64 next;
	u32 y_length;
	u32 x_length;
	u32 strides[2];
	u64 padding[2];
};

#define LIST_LAST BIT(0)
#define LIST_IRQ  BIT(1)

struct transfer {
	unsigned int id;
	bool cyclic;
	const struct list_entry *entry; /* NULL: it is one segment, of the registers */
	void *segment;
	u32 bytes; /* of the segment */
	u32 done;
};

static struct engine {
	const char *name;
	bool is_adc;
	struct irq_domain *domain;
	unsigned int irq;
	struct irq_work deliver;
	atomic_t delivering;
	struct signal_settings settings;
	struct signal *signal;
	struct hrtimer timer;
	bool paced;

	spinlock_t lock; /* protects all that follows */
	u32 registers[REG_END / sizeof(u32)];
	u32 pending;  /* interrupts */
	bool waiting; /* a transfer in the registers, for room */
	unsigned int next_id;
	struct transfer transfers[DEPTH]; /* in order, the first is under way */
	unsigned int count;
	bool begun; /* its time */
	ktime_t started;
	u64 position; /* of what is to be moved next since then, bytes */
	u64 scans, missed, gaps, out_of_order;
} engines[DMACS] = {
	[DMAC_ADC] = { .name = "adc", .is_adc = true },
	[DMAC_DAC] = { .name = "dac" },
};

static u32 *reg(struct engine *engine, unsigned int offset)
{
	return &engine->registers[offset / sizeof(u32)];
}

static bool wants_interrupt(struct engine *engine)
{
	return engine->pending & ~*reg(engine, REG_IRQ_MASK);
}

/* As a line with a level would do it: until the driver has seen everything. */
static void on_deliver(struct irq_work *work)
{
	struct engine *engine = container_of(work, struct engine, deliver);

	/* Never on two processors at once */
	while (wants_interrupt(engine) && !atomic_xchg(&engine->delivering, 1)) {
		generic_handle_domain_irq(engine->domain, engine->irq);
		atomic_set(&engine->delivering, 0);
	}
}

static void interrupt(struct engine *engine, u32 what)
{
	engine->pending |= what;
	if (wants_interrupt(engine))
		irq_work_queue(&engine->deliver);
}

/* Where its time is now, in bytes that begin a scan */
static u64 position_now(const struct engine *engine)
{
	u64 scans = mul_u64_u64_div_u64(ktime_to_ns(ktime_sub(ktime_get(), engine->started)),
					engine->settings.rate, NSEC_PER_SEC);

	return engine->paced ? scans * signal_scan_bytes(engine->signal) : engine->position;
}

static void *memory_at(u64 address)
{
	return phys_to_virt(address);
}

static void segment_load(const struct engine *engine, struct transfer *transfer)
{
	const struct list_entry *entry = transfer->entry;

	transfer->done = 0;
	if (!entry)
		return;
	transfer->segment = memory_at(engine->is_adc ? entry->dest : entry->src);
	transfer->bytes = entry->x_length + 1;
}

static u32 next_bytes(const struct transfer *transfer)
{
	return min_t(u32, transfer->bytes - transfer->done, CHUNK);
}

/* Look again when the time of the next piece is over. */
static void timer_set(struct engine *engine)
{
	u64 scans, due;

	if (!engine->count)
		return;
	scans = DIV_ROUND_UP_ULL(engine->position + next_bytes(&engine->transfers[0]),
				 signal_scan_bytes(engine->signal));
	due = mul_u64_u64_div_u64(scans, NSEC_PER_SEC, engine->settings.rate) + 1;
	hrtimer_start(&engine->timer,
		      engine->paced ? ktime_add_ns(engine->started, due) : ktime_get(),
		      HRTIMER_MODE_ABS_SOFT);
}

/* What happened while no transfer was under way is lost. */
static void gap_end(struct engine *engine)
{
	u64 now;

	if (!engine->begun) {
		engine->begun = true;
		engine->started = ktime_get();
	}
	now = position_now(engine);
	if (now <= engine->position)
		return;
	engine->missed += (now - engine->position) / signal_scan_bytes(engine->signal);
	engine->gaps++;
	engine->position = now;
	signal_seek(engine->signal, now / signal_scan_bytes(engine->signal));
}

/* A transfer comes out of the registers when there is room for it. */
static void transfer_take(struct engine *engine)
{
	struct transfer *transfer = &engine->transfers[engine->count];
	unsigned int address = engine->is_adc ? REG_DEST : REG_SRC;

	if (!engine->waiting || engine->count == DEPTH)
		return;
	*transfer = (struct transfer){ .id = engine->next_id };
	if (scatter_gather) {
		transfer->entry =
			memory_at(*reg(engine, REG_LIST) | (u64)*reg(engine, REG_LIST_HIGH) << 32);
	} else {
		transfer->cyclic = *reg(engine, REG_FLAGS) & FLAG_CYCLIC;
		transfer->segment = memory_at(*reg(engine, address));
		transfer->bytes = *reg(engine, REG_X_LENGTH) + 1;
	}
	segment_load(engine, transfer);
	*reg(engine, REG_DONE) &= ~BIT(transfer->id);
	engine->next_id = (engine->next_id + 1) % IDS;
	engine->waiting = false;
	if (!engine->count++) {
		gap_end(engine);
		timer_set(engine);
	}
	interrupt(engine, IRQ_TAKEN);
}

static void transfer_end(struct engine *engine)
{
	*reg(engine, REG_DONE) |= BIT(engine->transfers[0].id);
	engine->count--;
	memmove(&engine->transfers[0], &engine->transfers[1],
		engine->count * sizeof(engine->transfers[0]));
	interrupt(engine, IRQ_DONE);
	transfer_take(engine);
}

static void segment_end(struct engine *engine)
{
	struct transfer *transfer = &engine->transfers[0];
	const struct list_entry *entry = transfer->entry;

	if (entry ? entry->flags & LIST_LAST : !transfer->cyclic) {
		transfer_end(engine);
		return;
	}
	if (entry) {
		if (entry->flags & LIST_IRQ)
			interrupt(engine, IRQ_DONE);
		transfer->entry = memory_at(entry->next);
	}
	segment_load(engine, transfer);
}

static void piece_move(struct engine *engine, u32 bytes)
{
	struct transfer *transfer = &engine->transfers[0];
	struct signal_mismatch mismatch;
	void *memory = transfer->segment + transfer->done;

	if (engine->is_adc)
		signal_write(engine->signal, memory, bytes);
	else
		engine->out_of_order += signal_check(engine->signal, memory, bytes, &mismatch);
	engine->scans += bytes / signal_scan_bytes(engine->signal);
	engine->position += bytes;
	transfer->done += bytes;
	if (transfer->done == transfer->bytes)
		segment_end(engine);
}

static enum hrtimer_restart on_timer(struct hrtimer *timer)
{
	struct engine *engine = container_of(timer, struct engine, timer);

	guard(spinlock_irqsave)(&engine->lock);
	if (engine->count) {
		u32 bytes = next_bytes(&engine->transfers[0]);

		if (!engine->paced || position_now(engine) >= engine->position + bytes)
			piece_move(engine, bytes);
	}
	timer_set(engine);

	return HRTIMER_NORESTART;
}

static void enable(struct engine *engine)
{
	signal_start(engine->signal, &engine->settings,
		     engine->is_adc ? cores_adc_channels() : BIT(0));
	engine->position = 0;
	engine->begun = false;
}

static void disable(struct engine *engine)
{
	engine->count = engine->next_id = engine->pending = 0;
	engine->waiting = false;
	*reg(engine, REG_DONE) = 0;
}

u32 dmac_read(enum dmac dmac, unsigned int offset)
{
	struct engine *engine = &engines[dmac];

	guard(spinlock_irqsave)(&engine->lock);
	switch (offset) {
	case REG_IRQ_PENDING:
		return engine->pending & ~*reg(engine, REG_IRQ_MASK);
	case REG_IRQ_SOURCE:
		return engine->pending;
	case REG_TRANSFER_ID:
		return engine->next_id;
	case REG_START:
		return engine->waiting;
	default:
		return *reg(engine, offset);
	}
}

void dmac_write(enum dmac dmac, unsigned int offset, u32 value)
{
	struct engine *engine = &engines[dmac];
	bool was_enabled;

	guard(spinlock_irqsave)(&engine->lock);
	was_enabled = *reg(engine, REG_CTRL) & CTRL_ENABLE;
	switch (offset) {
	case REG_IRQ_PENDING:
		engine->pending &= ~value;
		break;
	case REG_CTRL:
		*reg(engine, offset) = value;
		if (value & CTRL_ENABLE && !was_enabled)
			enable(engine);
		else if (!(value & CTRL_ENABLE))
			disable(engine);
		break;
	case REG_START:
		engine->waiting = was_enabled && value & 1;
		transfer_take(engine);
		break;
	case REG_FLAGS:
		*reg(engine, offset) = value;
		/* What repeats ends when it comes to its end. */
		if (!(value & FLAG_CYCLIC))
			engine->transfers[0].cyclic = false;
		break;
	case REG_X_LENGTH:
		/* The bits that it has; the low ones are always set. */
		*reg(engine, offset) = (value & (BIT(length_bits) - 1)) | (BIT(MEMORY_WIDTH) - 1);
		break;
	case REG_DEST_HIGH:
	case REG_SRC_HIGH:
	case REG_Y_LENGTH:
		/* Addresses have 32 bits, segments one dimension. */
		break;
	case REG_LIST:
	case REG_LIST_HIGH:
		*reg(engine, offset) = scatter_gather ? value : 0;
		break;
	default:
		*reg(engine, offset) = value;
	}
}

static void debugfs_add(struct engine *engine)
{
	static struct dentry *top;
	struct dentry *folder;

	if (!top)
		top = debugfs_create_dir("axisim", NULL);
	folder = debugfs_create_dir(engine->name, top);
	debugfs_create_bool("paced", 0600, folder, &engine->paced);
	debugfs_create_u32("rate", 0600, folder, &engine->settings.rate);
	debugfs_create_u64("scans", 0400, folder, &engine->scans);
	debugfs_create_u64("missed", 0400, folder, &engine->missed);
	debugfs_create_u64("gaps", 0400, folder, &engine->gaps);
	debugfs_create_u64("out_of_order", 0400, folder, &engine->out_of_order);
}

int dmac_init(enum dmac dmac, struct irq_domain *domain, u32 rate)
{
	struct engine *engine = &engines[dmac];
	u32 memory = FIELD_PREP(INTERFACE_DST_TYPE, AXI_DMAC_BUS_TYPE_AXI_MM) |
		     FIELD_PREP(INTERFACE_DST_WIDTH, MEMORY_WIDTH) |
		     FIELD_PREP(INTERFACE_SRC_TYPE, AXI_DMAC_BUS_TYPE_FIFO) |
		     FIELD_PREP(INTERFACE_SRC_WIDTH, CONVERTER_WIDTH);
	u32 converter = FIELD_PREP(INTERFACE_DST_TYPE, AXI_DMAC_BUS_TYPE_AXI_STREAM) |
			FIELD_PREP(INTERFACE_DST_WIDTH, CONVERTER_WIDTH) |
			FIELD_PREP(INTERFACE_SRC_TYPE, AXI_DMAC_BUS_TYPE_AXI_MM) |
			FIELD_PREP(INTERFACE_SRC_WIDTH, MEMORY_WIDTH);

	engine->signal = signal_alloc();
	if (!engine->signal)
		return -ENOMEM;
	spin_lock_init(&engine->lock);
	hrtimer_setup(&engine->timer, on_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	engine->deliver = IRQ_WORK_INIT_HARD(on_deliver);
	engine->domain = domain;
	engine->irq = dmac;
	engine->paced = true;
	engine->settings = (struct signal_settings){ .pattern = SIGNAL_COUNTER, .rate = rate };
	*reg(engine, ADI_AXI_REG_VERSION) = ADI_AXI_PCORE_VER(4, 5, 'a');
	*reg(engine, REG_INTERFACE) = engine->is_adc ? memory : converter;
	*reg(engine, REG_IRQ_MASK) = IRQ_TAKEN | IRQ_DONE;
	debugfs_add(engine);

	return 0;
}
