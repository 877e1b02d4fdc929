#ifndef SSL_UTIL_SETUP_INSIDE_H
#define SSL_UTIL_SETUP_INSIDE_H
/* What setup decides, then makes. For the files of setup only. */
#include <openssl/evp.h>

#include "base/secret.h"
#include "ini_write.h"
#include "options.h"

#define SETUP_FILES_MAX 4

struct setup_place {
	char cert[PATH_BYTES];
	char key[PATH_BYTES];
	char request[PATH_BYTES];
	char password[PATH_BYTES]; /* empty: the key has none */
};

/* One file to be written; with `force` what is there is kept as a backup. */
struct setup_file {
	const char *path;
	struct str bytes;
	int mode;
	bool force;
	const char *what; /* "Key (keep it secret)" */
};

struct setup {
	const struct options *options;
	struct arena *arena; /* borrowed */
	struct ini_write ini;
	struct setup_place place;
	bool key_is_new, password_is_new;
	struct secret password;
	EVP_PKEY *key;
	BIO *key_pem, *cert_pem, *request_pem;
};

/* setup_place.c: where it all goes. */
enum err_code setup_place(struct setup *setup, struct err *err) WARN_UNUSED;
/*
 * setup_write.c: makes the folders that are missing and writes the files in
 * order; says each in `out`. After a failure the new ones are gone again.
 */
enum err_code setup_write(const struct setup_file *files, size_t count,
    struct buf *out, struct err *err) WARN_UNUSED;
/* Takes the new ones away again. */
void setup_undo(const struct setup_file *files, size_t count);

#endif
