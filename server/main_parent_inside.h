#ifndef MAIN_PARENT_INSIDE_H
#define MAIN_PARENT_INSIDE_H
/* Between the files of main_parent_*. */
#include <sys/types.h>

#include "main_parent.h"
#include "main_watch.h"

struct parent {
	const struct config *cfg; /* counted; the last one without mistakes */
	struct main_door door;    /* our own: no channel, listening */
	struct main_share *share;
	uid_t uid;
	gid_t gid;
	sock_t channel; /* to the child */
	pid_t child;    /* 0: none now */
	bool was_ready; /* some child has served */
	bool is_stopping;
	int64_t started_ms;
	int64_t next_ms; /* monotonic: start again, or kill while stopping */
	int64_t back_off_ms;
	struct main_watch watch; /* the child may not look at all files */
};

/* main_parent_give.c: one question of the child, from the channel. */
void main_parent_answer(struct parent *parent);
/*
 * main_parent_give.c: StateDir, made with mode 0700 and given to User= when
 * it is new or empty; ERR_CONFIG when it belongs to somebody else.
 */
enum err_code main_parent_state_dir(
    const struct config *cfg, struct err *err) WARN_UNUSED;

#endif
