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

void metric_add(struct metric *metric, int64_t amount); /* NULL accepted */
void metric_set(struct metric *metric, int64_t value);
void metric_observe_us(struct metric *metric, uint64_t us);
int64_t metric_value(const struct metric *metric);

/* Everything as text. */
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
