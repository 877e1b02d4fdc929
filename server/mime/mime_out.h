#ifndef MIME_OUT_H
#define MIME_OUT_H
/* Within mime/: the bytes of a message on their way to a descriptor. */
#include "base/buf.h"
#include "mime/mime.h"

#define MIME_OUT_BYTES 65536u

struct mime_out {
	int fd; /* borrowed */
	char bytes[MIME_OUT_BYTES];
	size_t len;
	uint64_t total;
	uint64_t max_bytes;
	/* Set by who wants the file to last: the disk begins while it grows. */
	bool is_lasting;
	uint64_t written, begun; /* in the file; told to the disk */
	enum err_code failed; /* the first failure; all after it is ignored */
	struct err *err;      /* what failed; may be NULL */
	size_t column;        /* of the header line that is being written */
	bool is_8bit, needs_utf8; /* as of struct mime_built */
};

void mime_out_init(
    struct mime_out *out, int fd, uint64_t max_bytes, struct err *err);
void mime_out_add(struct mime_out *out, struct str bytes);
void mime_out_add_c(struct mime_out *out, const char *c);
/* Writes what is held back; the first failure of all. */
enum err_code mime_out_end(struct mime_out *out, uint64_t *total) WARN_UNUSED;

#endif
