#ifndef MAIN_WATCH_H
#define MAIN_WATCH_H
/*
 * AutoReload=1: notices that the ini file, or a file of certificates, keys,
 * passwords, trust, revocation or OCSP that it names, has changed. By looking
 * at them every second, in the process that may: a link in a chain of links
 * and a folder that was exchanged whole are noticed, too.
 */
#include "config/config.h"

struct main_watch {
	const char *ini;          /* borrowed */
	const struct config *cfg; /* counted; names the files */
	uint64_t loaded;          /* their mark when they were read */
	uint64_t seen;            /* their mark when last looked at */
	int64_t looked_ms, seen_ms;
};

/* How long a wait may be while files are watched. */
#define MAIN_WATCH_MS 1000

/*
 * From now on these files, as they are now: call it before they are read.
 * Counts cfg; another one is let go.
 */
void main_watch_set(
    struct main_watch *watch, const char *ini, const struct config *cfg);
bool main_watch_is_on(const struct main_watch *watch);
/*
 * Something changed, and nothing since a second: once per change, whatever
 * becomes of the reload. A pair that is half written may be refused; the
 * other half is the next change.
 */
bool main_watch_is_due(struct main_watch *watch, int64_t now_mono_ms);
void main_watch_end(struct main_watch *watch);

#endif
