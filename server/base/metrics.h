#ifndef BASE_METRICS_H
#define BASE_METRICS_H
/*
 * Counters, gauges and histograms, shown as Prometheus text. Metrics are made
 * at start and never freed; adding is atomic and takes no lock.
 */
#include "base/buf.h"

struct metrics;
struct metric;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/*
 * `name` as in Prometheus ("iwebmsg_logins_total"); `labels` like
 * `page="folder"` or NULL. The strings must outlive the metrics. At start
 * only; never NULL (aborts without memory).
 */
struct metric *metrics_counter(struct metrics *metrics, const char *name,
    const char *help, const char *labels);
struct metric *metrics_gauge(struct metrics *metrics, const char *name,
    const char *help, const char *labels);
/* Histogram of microseconds, shown in seconds; buckets 100 us to 30 s. */
struct metric *metrics_histogram(struct metrics *metrics, const char *name,
    const char *help, const char *labels);

/*
 * Lines that are made anew each time, for labels that come and go with a
 * configuration: `write` adds whole lines, "# HELP" and "# TYPE" too. From
 * any thread. At start only; ctx must outlive the metrics' use.
 */
typedef void metrics_write_fn(const void *ctx, struct buf *out);
void metrics_custom(
    struct metrics *metrics, metrics_write_fn *write, const void *ctx);
/* A label's value: quotes, backslashes and line ends are escaped. */
void metrics_add_label(struct buf *out, struct str value);

void metric_add(struct metric *metric, int64_t amount); /* NULL accepted */
void metric_set(struct metric *metric, int64_t value);
void metric_observe_us(struct metric *metric, uint64_t us);
int64_t metric_value(const struct metric *metric);

/* Everything as text. */
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
