#include "base/metrics.h"

#include <stdatomic.h>

#include "base/lock.h"

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM
};

static const uint32_t metric_bounds_us[] = {100, 250, 500, 1000, 2500, 5000,
    10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
    10000000, 30000000};
#define METRIC_BOUNDS (sizeof(metric_bounds_us) / sizeof(metric_bounds_us[0]))

struct metric {
	struct metric *next;
	const char *name, *help, *labels;
	enum metric_kind kind;
	atomic_llong value; /* of a histogram: count */
	atomic_ullong sum_us;
	atomic_ullong buckets[METRIC_BOUNDS];
};

/* Who writes lines of their own. */
struct metrics_writer {
	struct metrics_writer *next;
	metrics_write_fn *write;
	const void *ctx;
};

struct metrics {
	struct lock lock; /* guards first, last, writers */
	struct metric *first, *last;
	struct metrics_writer *writers;
};

struct metrics *
metrics_new(void)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	ensure(metrics != NULL);
	lock_init(&metrics->lock);
	return metrics;
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	for (struct metric *metric = metrics->first; metric != NULL;) {
		struct metric *next = metric->next;

		free(metric);
		metric = next;
	}
	for (struct metrics_writer *writer = metrics->writers;
	     writer != NULL;) {
		struct metrics_writer *next = writer->next;

		free(writer);
		writer = next;
	}
	lock_end(&metrics->lock);
	free(metrics);
}

static struct metric *
metric_new(struct metrics *metrics, enum metric_kind kind, const char *name,
    const char *help, const char *labels)
{
	struct metric *metric = calloc(1, sizeof(*metric));

	ensure(metric != NULL);
	metric->name = name;
	metric->help = help;
	metric->labels = labels;
	metric->kind = kind;
	lock_take(&metrics->lock);
	if (metrics->last == NULL)
		metrics->first = metric;
	else
		metrics->last->next = metric;
	metrics->last = metric;
	lock_give(&metrics->lock);
	return metric;
}

struct metric *
metrics_counter(struct metrics *metrics, const char *name, const char *help,
    const char *labels)
{
	return metric_new(metrics, METRIC_COUNTER, name, help, labels);
}

struct metric *
metrics_gauge(struct metrics *metrics, const char *name, const char *help,
    const char *labels)
{
	return metric_new(metrics, METRIC_GAUGE, name, help, labels);
}

struct metric *
metrics_histogram(struct metrics *metrics, const char *name, const char *help,
    const char *labels)
{
	return metric_new(metrics, METRIC_HISTOGRAM, name, help, labels);
}

void
metrics_custom(
    struct metrics *metrics, metrics_write_fn *write, const void *ctx)
{
	struct metrics_writer *writer = calloc(1, sizeof(*writer));

	ensure(writer != NULL);
	writer->write = write;
	writer->ctx = ctx;
	lock_take(&metrics->lock);
	writer->next = metrics->writers;
	metrics->writers = writer;
	lock_give(&metrics->lock);
}

void
metrics_add_label(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '"' || c == '\\')
			buf_add_byte(out, '\\');
		if (c == '\n')
			buf_add_c(out, "\\n");
		else
			buf_add_byte(out, c);
	}
}

void
metric_add(struct metric *metric, int64_t amount)
{
	if (metric != NULL)
		(void)atomic_fetch_add_explicit(
		    &metric->value, amount, memory_order_relaxed);
}

void
metric_set(struct metric *metric, int64_t value)
{
	if (metric != NULL)
		atomic_store_explicit(
		    &metric->value, value, memory_order_relaxed);
}

void
metric_observe_us(struct metric *metric, uint64_t us)
{
	if (metric == NULL)
		return;
	for (size_t i = 0; i < METRIC_BOUNDS; i++) {
		if (us > metric_bounds_us[i])
			continue;
		(void)atomic_fetch_add_explicit(
		    &metric->buckets[i], 1, memory_order_relaxed);
		break;
	}
	(void)atomic_fetch_add_explicit(
	    &metric->sum_us, us, memory_order_relaxed);
	(void)atomic_fetch_add_explicit(
	    &metric->value, 1, memory_order_relaxed);
}

int64_t
metric_value(const struct metric *metric)
{
	return metric == NULL ? 0 : atomic_load(&metric->value);
}

static void
metric_write_name(const struct metric *metric, const char *suffix,
    const char *more, struct buf *out)
{
	const char *labels = metric->labels == NULL ? "" : metric->labels;

	buf_addf(out, "%s%s", metric->name, suffix);
	if (labels[0] != '\0' || more[0] != '\0')
		buf_addf(out, "{%s%s%s}", labels,
		    labels[0] != '\0' && more[0] != '\0' ? "," : "", more);
	buf_add_byte(out, ' ');
}

static void
metric_write_histogram(const struct metric *metric, struct buf *out)
{
	unsigned long long sum = 0;
	long long count = atomic_load(&metric->value);
	unsigned long long us = atomic_load(&metric->sum_us);
	char bound[32];

	for (size_t i = 0; i < METRIC_BOUNDS; i++) {
		sum += atomic_load(&metric->buckets[i]);
		(void)snprintf(bound, sizeof(bound), "le=\"%g\"",
		    (double)metric_bounds_us[i] / 1e6);
		metric_write_name(metric, "_bucket", bound, out);
		buf_addf(out, "%llu\n", sum);
	}
	metric_write_name(metric, "_bucket", "le=\"+Inf\"", out);
	buf_addf(out, "%lld\n", count);
	metric_write_name(metric, "_sum", "", out);
	buf_addf(out, "%llu.%06llu\n", us / 1000000, us % 1000000);
	metric_write_name(metric, "_count", "", out);
	buf_addf(out, "%lld\n", count);
}

static void
metric_write(const struct metric *metric, struct buf *out)
{
	if (metric->kind == METRIC_HISTOGRAM) {
		metric_write_histogram(metric, out);
		return;
	}
	metric_write_name(metric, "", "", out);
	buf_addf(out, "%lld\n", (long long)atomic_load(&metric->value));
}

/* Is this the first metric of its name? Help and type are said once. */
static bool
metric_is_first(const struct metrics *metrics, const struct metric *metric)
{
	const struct metric *other = metrics->first;

	while (other != metric && strcmp(other->name, metric->name) != 0)
		other = other->next;
	return other == metric;
}

void
metrics_write(const struct metrics *metrics, struct buf *out)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};

	for (const struct metric *metric = metrics->first; metric != NULL;
	     metric = metric->next) {
		if (!metric_is_first(metrics, metric))
			continue;
		buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
		    metric->help, metric->name, kinds[metric->kind]);
		for (const struct metric *same = metric; same != NULL;
		     same = same->next)
			if (strcmp(same->name, metric->name) == 0)
				metric_write(same, out);
	}
	for (const struct metrics_writer *writer = metrics->writers;
	     writer != NULL; writer = writer->next)
		writer->write(writer->ctx, out);
}
