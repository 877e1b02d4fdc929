#ifndef SSL_UTIL_OPTIONS_H
#define SSL_UTIL_OPTIONS_H
/* The command line of iwebmsg-ssl as one struct. Borrows argv. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define OPTIONS_SANS_MAX   100
#define OPTIONS_FILES_MAX  20
#define OPTIONS_PATH_BYTES 1024

enum options_command {
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_SELFSIGNED,
	OPTIONS_CSR,
	OPTIONS_SHOW
};

struct options {
	enum options_command command;
	struct str name;                   /* CN and first SAN */
	struct str sans[OPTIONS_SANS_MAX]; /* "dns:…", "ip:…" */
	size_t san_count;
	struct str organization; /* empty: none */
	struct str key_kind;     /* "ec:p256" */
	uint32_t days;
	const char *files[OPTIONS_FILES_MAX]; /* of show */
	size_t file_count;
	const char *out_dir;
	char key_path[OPTIONS_PATH_BYTES];
	char out_path[OPTIONS_PATH_BYTES]; /* certificate or request */
};

/* ERR_INPUT: what is wrong and what is allowed. */
enum err_code options_parse(
    int argc, char **argv, struct options *out, struct err *err) WARN_UNUSED;

#endif
