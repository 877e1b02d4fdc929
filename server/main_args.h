#ifndef MAIN_ARGS_H
#define MAIN_ARGS_H
/* The command line of iwebmsgd. */
#include <stdbool.h>

enum main_action {
	MAIN_SERVE,
	MAIN_CHECK,
	MAIN_VERSION,
	MAIN_HELP,
	MAIN_SAMPLE, /* for the build: writes iwebmsg.ini.sample */
	MAIN_MANUAL  /* for the build: the keys, for iwebmsg.ini(5) */
};

struct main_args {
	enum main_action action;
	bool is_daemon;
	const char *ini; /* as given; NULL: search */
};

/* False: said on stderr what is wrong; the exit status is 2. */
bool main_args_parse(int argc, char **argv, struct main_args *out);
void main_args_help(void);

#endif
