#ifndef ROUTE_HEALTH_H
#define ROUTE_HEALTH_H
/*
 * For machines that watch over the server: /healthz and /metrics. They run on
 * a worker, so an answer proves that workers live.
 */
#include "page/pages.h"
#include "route/route.h"

#define HEALTH_FLAGS \
	(ROUTE_NO_SESSION | ROUTE_ANY_DOOR | ROUTE_UNCOUNTED | ROUTE_ROOT)

page_fn health_page;    /* "ok", or 503 with a word of what is wrong */
page_fn health_metrics; /* Prometheus text; 404 when EnableMetrics=0 */

#endif
